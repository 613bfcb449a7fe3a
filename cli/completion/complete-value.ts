import { wellKnownPolicyNames } from '../../bind/well-known/well-known-policy.ts';
import { DEFAULT_NAMESPACE } from '../../lib/operands/service-accounts.ts';
import { subjectKind } from '../../lib/operands/subjects.ts';
import { readSettings, type SettingsTable } from '../../lib/settings/settings.ts';
import type { Env } from '../../lib/surroundings.ts';
import type { Operand } from '../command.ts';
import type { ClusterNames } from './cluster-names.ts';
import { type Completions, NOTHING, named } from './completions.ts';
import type { Flag } from './read-words.ts';

/** Sources of names: the cluster, and the words that are already typed. */
export interface Scene {
  readonly cluster: ClusterNames;
  readonly table: SettingsTable;
  readonly given: ReadonlyMap<string, string>;
  readonly env: Env;
}

const PARTITIONS = ['aws', 'aws-cn', 'aws-us-gov'];
/** Placeholder of a choice: `<text|json>`. */
const CHOICES = /^<([\w-]+(?:\|[\w-]+)+)>$/;
/** Spellings that kubectl knows for ServiceAccounts. */
const KIND = /^(?:sa|serviceaccounts?)\//;

/** @param current the part of the value that is written */
export async function completeValue(
  { name, setting }: Flag,
  current: string,
  scene: Scene,
): Promise<Completions> {
  const before = setting.many ? current.slice(0, current.lastIndexOf(',') + 1) : '';
  const { candidates, files } = await valuesOf(name, setting.value, scene);
  return { candidates: candidates.map(({ value }) => ({ value: `${before}${value}` })), files };
}

async function valuesOf(name: string, placeholder: string, { cluster }: Scene): Promise<Completions> {
  const [, choices] = CHOICES.exec(placeholder) ?? [];
  if (choices) return named(choices.split('|'));
  if (name === 'wellKnown') return named(wellKnownPolicyNames);
  if (name === 'context') return named(cluster.contexts());
  switch (placeholder) {
    case '':
      return named(['true', 'false']);
    case '<namespace>':
      return named(await cluster.namespaces());
    case '<namespace/name>':
      return named(await cluster.serviceAccounts(undefined));
    case '<partition>':
      return named(PARTITIONS);
    case '<file>':
      return { candidates: [], files: 'files' };
    case '<folder>':
    case '<place>':
      return { candidates: [], files: 'folders' };
    default:
      return NOTHING;
  }
}

/** @param current the part of the operand that is written */
export async function completeOperand(
  { placeholder, values }: Operand,
  current: string,
  scene: Scene,
): Promise<Completions> {
  if (values) return named(values);
  const ofKind = placeholder.includes('subject') ? await completeObject(current, scene) : undefined;
  if (ofKind) return ofKind;
  if (!placeholder.includes('subject') && !placeholder.includes('serviceaccount')) return NOTHING;
  const { cluster } = scene;
  const [kind = ''] = KIND.exec(current) ?? [];
  if (kind !== '')
    return named((await cluster.serviceAccounts(namespaceOf(scene))).map((name) => kind + name));
  const slash = current.indexOf('/');
  if (slash < 0) return named(await cluster.serviceAccounts(namespaceOf(scene)));
  const namespace = current.slice(0, slash);
  return named((await cluster.serviceAccounts(namespace)).map((name) => `${namespace}/${name}`));
}

/** Completes `pod/w`, by kubectl's words for kinds; undefined if the word names no kind. */
async function completeObject(current: string, scene: Scene): Promise<Completions | undefined> {
  const [word = '', name] = current.split('/', 2);
  const kind = name === undefined ? undefined : subjectKind(word);
  if (kind === undefined) return undefined;
  const names = await scene.cluster.objects(kind, givenNamespace(scene) ?? DEFAULT_NAMESPACE);
  return named(names.map((each) => `${word}/${each}`));
}

/** Returns the namespace that the command would take; undefined if it takes all. */
function namespaceOf(scene: Scene): string | undefined {
  const { table } = scene;
  if (!table['namespace']) return undefined;
  return givenNamespace(scene) ?? ('allNamespaces' in table ? undefined : DEFAULT_NAMESPACE);
}

function givenNamespace({ table: { namespace }, given, env }: Scene): string | undefined {
  if (!namespace) return undefined;
  const value = readSettings({ namespace }, { namespace: given.get('namespace') }, env).namespace;
  return typeof value === 'string' ? value : undefined;
}
