import { shellWord } from '../../../lib/text/shell-word.ts';
import type { Remedy } from '../../chain/finding.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import { valueIn } from '../../facts/value-in.ts';
import { bindCommand } from './commands.ts';
import { WITH_TEMPLATE } from './template-commands.ts';

/** Returns the commands after which the judged pods are created again; none if there is no pod. */
export function restartCommands({ subject, cluster }: ChainFacts): readonly string[] {
  const namespace = shellWord(subject.namespace);
  const rollOut = (kind: string, name: string) =>
    `kubectl -n ${namespace} rollout restart ${kind}/${shellWord(name)}`;
  if (WITH_TEMPLATE.includes(subject.kind)) return [rollOut(subject.kind, subject.name)];
  const pod = valueIn(cluster.pod);
  if (!pod) return [];
  const [ownerKind = '', owner = ''] = pod.owner?.split('/', 2) ?? [];
  const kind = ownerKind.toLowerCase();
  if (WITH_TEMPLATE.includes(kind)) return [rollOut(kind, owner)];
  const name = shellWord(pod.name);
  return pod.owner === undefined
    ? [`kubectl -n ${namespace} get pod ${name} -o json | kubectl replace --force -f -`]
    : [`kubectl -n ${namespace} delete pod ${name}`];
}

/** Advice to create the judged pods again. */
export function restart(facts: ChainFacts): Remedy {
  return {
    text: 'create the pod again: the webhook changes pods only when they are created',
    commands: restartCommands(facts),
  };
}

/** Advice to write an annotation on the ServiceAccount, and to create the pods again. */
export function annotate(
  facts: ChainFacts,
  annotations: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const { subject, serviceAccountName } = facts;
  const object = `kubectl -n ${shellWord(subject.namespace)} annotate serviceaccount ${shellWord(serviceAccountName)}`;
  const words = Object.entries(annotations).map(([key, value]) =>
    shellWord(value === undefined ? `${key}-` : `${key}=${value}`),
  );
  return [`${object} ${words.join(' ')} --overwrite`, ...restartCommands(facts)];
}

/** Commands that give the ServiceAccount, or one container of its pods, a role, and create the pods again. */
export function bindCommands(facts: ChainFacts, ...flags: readonly string[]): readonly string[] {
  return [bindCommand(facts, ...flags), ...restartCommands(facts)];
}
