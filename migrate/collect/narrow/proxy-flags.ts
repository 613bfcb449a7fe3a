import { asArray, asText, type JsonObject, objectsOf } from '../../../lib/json/json.ts';
import { nameOf } from '../../../pods/pod-parts.ts';

/** Most words of a command line that are read. */
const MAX_WORDS = 1_000;

/** Flags without a value of their own. [kube2iam] cmd/main.go, [kiam] cmd/kiam */
const SWITCHES: ReadonlySet<string> = new Set([
  'auto-discover-base-arn',
  'auto-discover-default-role',
  'debug',
  'disable-strict-namespace-regexp',
  'insecure',
  'iptables',
  'iptables-remove',
  'json-log',
  'namespace-restrictions',
  'allow-ip-query',
  'role-base-arn-autodetect',
  'use-regional-sts-endpoint',
  'verbose',
  'version',
]);

/** Flags of a command line by name; a switch without a value is `true`. */
export type ProxyFlags = ReadonlyMap<string, string>;

/**
 * Returns the flags of containers: `--name=value`, `--name value`, `--name` and `--no-name`. The last one
 * counts, as in both proxies. `$(NAME)` stands for a variable of the container. [pflag], [kingpin], [k8s]
 * "Define a Command and Arguments"
 */
export function proxyFlagsOf(containers: readonly JsonObject[]): ProxyFlags {
  const flags = new Map<string, string>();
  for (const container of containers) {
    const variables = variablesOf(container);
    const words = [...(asArray(container['command']) ?? []), ...(asArray(container['args']) ?? [])]
      .slice(0, MAX_WORDS)
      .map((word) => withVariables(asText(word) ?? '', variables));
    for (const [at, word] of words.entries()) {
      const [, name = '', value] = /^--([a-z][a-z\d-]*)(?:=(.*))?$/s.exec(word) ?? [];
      if (name === '') continue;
      if (value !== undefined) flags.set(name, value);
      else if (SWITCHES.has(name)) flags.set(name, 'true');
      else if (name.startsWith('no-') && SWITCHES.has(name.slice(3))) flags.set(name.slice(3), 'false');
      else flags.set(name, words[at + 1] ?? '');
    }
  }
  return flags;
}

function variablesOf(container: JsonObject): ReadonlyMap<string, string> {
  return new Map(
    objectsOf(container['env']).flatMap((variable) => {
      const [name, value] = [nameOf(variable), asText(variable['value'])];
      return name !== undefined && value !== undefined ? [[name, value] as const] : [];
    }),
  );
}

/** A variable that is not known stays as it is written, as in Kubernetes. */
function withVariables(word: string, variables: ReadonlyMap<string, string>): string {
  return word.replace(/\$\((\w{1,253})\)/g, (written, name: string) => variables.get(name) ?? written);
}
