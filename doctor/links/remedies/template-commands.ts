import { shellWord } from '../../../lib/text/shell-word.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { PodFacts } from '../../facts/pod-facts.ts';
import { valueIn } from '../../facts/value-in.ts';

/** Label by which a Deployment names its ReplicaSets: the end of their names. [k8s] */
const TEMPLATE_HASH_LABEL = 'pod-template-hash';

/** Kinds whose template can be changed; kubectl restarts their pods by it. */
export const WITH_TEMPLATE = ['deployment', 'statefulset', 'daemonset'];

/** Object whose change creates the pods again: `deployment/web`, or a pod that nobody would create again. */
type Target = { readonly workload: string } | { readonly pod: string };

/** Returns undefined for a Job, whose template cannot be changed, and for other controllers. */
function targetOf({ subject, cluster }: ChainFacts): Target | undefined {
  if (WITH_TEMPLATE.includes(subject.kind)) return { workload: `${subject.kind}/${shellWord(subject.name)}` };
  const pod = valueIn(cluster.pod);
  if (!pod) return undefined;
  if (pod.owner === undefined) return { pod: shellWord(pod.name) };
  const workload = workloadOf(pod, pod.owner);
  return workload === undefined ? undefined : { workload };
}

function workloadOf({ labels }: PodFacts, owner: string): string | undefined {
  const [kind = '', name = ''] = owner.split('/', 2);
  if (WITH_TEMPLATE.includes(kind.toLowerCase())) return `${kind.toLowerCase()}/${shellWord(name)}`;
  const hash = labels[TEMPLATE_HASH_LABEL];
  return kind === 'ReplicaSet' && hash && name.endsWith(`-${hash}`)
    ? `deployment/${shellWord(name.slice(0, -hash.length - 1))}`
    : undefined;
}

/**
 * Returns commands that change the template of the judged pods, or the pod itself, by a merge patch of the
 * pod. Empty if no command can.
 */
export function patchCommands(facts: ChainFacts, patch: object): readonly string[] {
  const target = targetOf(facts);
  if (!target) return [];
  const kubectl = `kubectl -n ${shellWord(facts.subject.namespace)}`;
  const flags = (body: object) => `--type merge -p ${shellWord(JSON.stringify(body))}`;
  return 'workload' in target
    ? [`${kubectl} patch ${target.workload} ${flags({ spec: { template: patch } })}`]
    : [replaced(kubectl, target.pod, `kubectl patch --local -f - ${flags(patch)} -o json`)];
}

/**
 * Returns commands that change the variables of the judged pods in their template, or in the pod itself.
 * @param changes `NAME=value`, or `NAME-` to remove one
 */
export function variableCommands(facts: ChainFacts, changes: readonly string[]): readonly string[] {
  const target = targetOf(facts);
  if (!target || changes.length === 0) return [];
  const kubectl = `kubectl -n ${shellWord(facts.subject.namespace)}`;
  const words = changes.map(shellWord).join(' ');
  return 'workload' in target
    ? [`${kubectl} set env ${target.workload} ${words}`]
    : [replaced(kubectl, target.pod, `kubectl set env --local -f - ${words} -o json`)];
}

/** A pod cannot be changed in place: it is deleted, and created again with the change. */
function replaced(kubectl: string, pod: string, change: string): string {
  return `${kubectl} get pod ${pod} -o json | ${change} | kubectl replace --force -f -`;
}
