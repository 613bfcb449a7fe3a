import { statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { ApiClient } from '../../kubernetes/api-client.ts';
import { apiPath } from '../../kubernetes/api-path.ts';
import { connect, contextNames } from '../../kubernetes/connect.ts';
import { NAMESPACES_PATH, serviceAccountsPath } from '../../kubernetes/core-paths.ts';
import { listObjects } from '../../kubernetes/read/list-objects.ts';
import { clusterSettings } from '../../kubernetes/settings.ts';
import { subjectPath } from '../../kubernetes/subject-path.ts';
import { asText, type JsonObject } from '../../lib/json/json.ts';
import { isNamespaceName, isObjectName } from '../../lib/kubernetes-names.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import type { SubjectKind } from '../../lib/operands/subjects.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import type { Env } from '../../lib/surroundings.ts';

/** Names that a cluster and a kubeconfig offer. Each is validated: a shell gets nothing that it would run. */
export interface ClusterNames {
  readonly contexts: () => readonly string[];
  readonly namespaces: () => Promise<readonly string[]>;
  /** @param namespace default: all, each name then as `shop/web` */
  readonly serviceAccounts: (namespace: string | undefined) => Promise<readonly string[]>;
  readonly objects: (kind: SubjectKind, namespace: string) => Promise<readonly string[]>;
}

/** A person who pressed the tab key waits. */
const TIMEOUT_MS = 2_000;
/** Nobody reads longer lists. */
const MAX_NAMES = 500;
/** Names that administrators, EKS and kubeadm give to contexts. None of these characters starts a command. */
const CONTEXT = /^[\w.:/+][\w.@:/+-]{0,252}$/;

/** @param given values of flags by name of the setting */
export function clusterNamesOf(
  given: ReadonlyMap<string, string>,
  env: Env,
  signal: AbortSignal,
): ClusterNames {
  const words = Object.fromEntries(Object.keys(clusterSettings).map((name) => [name, given.get(name)]));
  const read = () => {
    const { kubeconfig, ...settings } = readSettings(clusterSettings, words, env);
    const choice = { ...settings, kubeconfig: kubeconfig && withHome(kubeconfig, env) };
    requireRegularFiles(choice.kubeconfig, env);
    return choice;
  };
  const list = (path: string, toName: (metadata: JsonObject) => string | undefined) =>
    within(signal, async (limit) => {
      const client = connect(read(), env);
      try {
        return await listNames(client, path, toName, limit);
      } finally {
        client.close();
      }
    });
  return {
    contexts: () => contextNames(read(), env).filter((name) => CONTEXT.test(name)),
    namespaces: () => list(NAMESPACES_PATH, (metadata) => validName(metadata, 'name', isNamespaceName)),
    serviceAccounts: (namespace) =>
      namespace === undefined
        ? list(apiPath('/api/v1', 'serviceaccounts'), (metadata) => {
            const own = validName(metadata, 'namespace', isNamespaceName);
            const name = validName(metadata, 'name', isObjectName);
            return own && name && `${own}/${name}`;
          })
        : list(serviceAccountsPath(namespace), (metadata) => validName(metadata, 'name', isObjectName)),
    objects: (kind, namespace) =>
      list(subjectPath(kind, namespace), (metadata) => validName(metadata, 'name', isObjectName)),
  };
}

/** Replaces `~`, which the shell has not done for a word that is still being written. */
function withHome(path: string, { HOME: home }: Env): string {
  return home && path.startsWith('~/') ? join(home, path.slice(1)) : path;
}

/** A pipe must not be read: completion would wait for it, and the command would find it empty. */
function requireRegularFiles(kubeconfig: string | undefined, env: Env): void {
  const files = kubeconfig ? [kubeconfig] : (env['KUBECONFIG'] ?? '').split(delimiter).filter(Boolean);
  for (const file of files) if (!statSync(file).isFile()) throw new Error(`${file} is not a regular file`);
}

/** Ends after the time limit even if the work does not heed its signal, as a credential plugin may not. */
async function within<T>(signal: AbortSignal, work: (limit: AbortSignal) => Promise<T>): Promise<T> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const { promise: ended, reject } = Promise.withResolvers<never>();
  limit.addEventListener('abort', () => reject(limit.reason), { once: true });
  return await Promise.race([work(limit), ended]);
}

async function listNames(
  client: Pick<ApiClient, 'getPage'>,
  path: string,
  toName: (metadata: JsonObject) => string | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const object of listObjects(client, path, {}, { timeoutMs: TIMEOUT_MS, signal })) {
    const name = toName(metadataOf(object) ?? {});
    if (name !== undefined) names.push(name);
    if (names.length === MAX_NAMES) break;
  }
  return names;
}

function validName(
  metadata: JsonObject,
  member: 'name' | 'namespace',
  isValid: (text: string) => boolean,
): string | undefined {
  const text = asText(metadata[member]);
  return text !== undefined && isValid(text) ? text : undefined;
}
