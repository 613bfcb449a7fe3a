import { compareText } from '../../lib/text/compare.ts';
import type { Asked, CheckedPod, CheckedTemplate, CheckFacts, ProxyLog } from './facts.ts';
import type { CheckedWorkload, WorkloadState } from './model.ts';

/**
 * Judges each workload whose pods name a role, have one by podrole's way, or asked the proxy for one. One
 * without a running pod is judged by its last pod.
 */
export function judgeWorkloads(facts: CheckFacts): readonly CheckedWorkload[] {
  const judge = createPodJudge(facts);
  const byWorkload = new Map<string, [JudgedPod, ...JudgedPod[]]>();
  const ended = new Map<string, CheckedPod>();
  for (const pod of facts.pods) {
    const key = keyOf({ ...pod.workload, namespace: pod.namespace });
    const judged = judge(pod);
    // A pod of a CronJob asks, and ends.
    if (judged && (pod.isAlive || judged.asked.credentialsMs !== undefined)) {
      const known = byWorkload.get(key);
      if (known) known.push(judged);
      else byWorkload.set(key, [judged]);
    } else if (!pod.isAlive && (pod.startedMs ?? 0) >= (ended.get(key)?.startedMs ?? 0)) ended.set(key, pod);
  }
  const resting = facts.templates.filter((template) => !byWorkload.has(keyOf(template)));
  return [
    ...[...byWorkload.values()].map(workloadOf),
    ...resting.map((template) => restingWorkload(template, ended.get(keyOf(template)))),
  ].sort(
    (a, b) =>
      compareText(a.namespace, b.namespace) || compareText(a.kind, b.kind) || compareText(a.name, b.name),
  );
}

function keyOf({ namespace, kind, name }: Pick<CheckedTemplate, 'namespace' | 'kind' | 'name'>): string {
  return `${namespace}/${kind}/${name}`;
}

/** @param last its pod that was started last, which has ended and asked nobody; undefined if it is gone */
function restingWorkload(
  { namespace, kind, name, role }: CheckedTemplate,
  last: CheckedPod | undefined,
): CheckedWorkload {
  const way = last?.identity === undefined ? 'has no way of podrole' : 'has the way of podrole';
  return {
    ...{ namespace, kind, name },
    state: last === undefined ? 'unknown' : last.identity === undefined ? 'waiting' : 'moved',
    ...{ pods: 0, withIdentity: 0, asking: 0, roles: [role], lastAsked: undefined },
    notes: [
      last === undefined
        ? 'has no pod, so nobody knows how its next one gets its role: start one, or take its annotation away'
        : `runs no pod now; its last one ${way}`,
    ],
  };
}

interface JudgedPod {
  readonly pod: CheckedPod;
  readonly state: WorkloadState;
  readonly asked: Asked;
}

/** Returns undefined for a pod that has nothing to do with the proxy. */
function createPodJudge(facts: CheckFacts): (pod: CheckedPod) => JudgedPod | undefined {
  const askers = new Map(facts.logs.flatMap(({ askers }) => [...askers]));
  const logs = Map.groupBy(facts.logs, ({ node }) => node);
  return (pod) => {
    const asked = askers.get(`${pod.namespace}/${pod.name}`) ?? {};
    const asks = asked.credentialsMs !== undefined;
    if (pod.role === undefined && pod.identity === undefined && !asks) return undefined;
    return { pod, asked, state: stateOf(pod, asks, isCovered(pod, facts, logs)) };
  };
}

function stateOf({ identity }: CheckedPod, asks: boolean, covered: boolean): WorkloadState {
  if (asks) return identity === undefined ? 'old proxy' : 'both';
  if (!covered) return 'unknown';
  return identity === undefined ? 'waiting' : 'moved';
}

/** True if a request of the pod would have been seen. */
function isCovered(
  pod: CheckedPod,
  { listedAtMs, sinceMs, hasAllProxies }: CheckFacts,
  logs: ReadonlyMap<string | undefined, readonly ProxyLog[]>,
): boolean {
  // A pod that is not on a node runs nowhere.
  if (pod.node === undefined) return true;
  const onNode = logs.get(pod.node) ?? [];
  if (onNode.length === 0) return hasAllProxies;
  // Nobody can tell a pod in the host network from its node.
  if (pod.isHostNetwork && onNode.some(({ nodeAsked }) => nodeAsked?.credentialsMs !== undefined))
    return false;
  const begin = Math.max(listedAtMs - sinceMs, pod.startedMs ?? 0);
  return onNode.some(({ fromMs = Number.POSITIVE_INFINITY }) => fromMs <= begin);
}

function workloadOf(judged: readonly [JudgedPod, ...JudgedPod[]]): CheckedWorkload {
  const { namespace, workload } = judged[0].pod;
  const times = judged.flatMap(({ asked }) => asked.credentialsMs ?? []);
  const last = times.reduce((latest, time) => Math.max(latest, time), 0);
  return {
    namespace,
    ...workload,
    state: together(new Set(judged.map(({ state }) => state))),
    pods: judged.filter(({ pod }) => pod.isAlive).length,
    withIdentity: judged.filter(({ pod }) => pod.identity !== undefined).length,
    asking: times.length,
    roles: [...new Set(judged.flatMap(({ pod }) => pod.role ?? []))].sort(),
    lastAsked: last === 0 ? undefined : new Date(last).toISOString(),
    notes: notesOf(judged),
  };
}

function together(states: ReadonlySet<WorkloadState>): WorkloadState {
  const asks = states.has('old proxy');
  if (states.has('both') || (asks && states.has('moved'))) return 'both';
  if (asks) return 'old proxy';
  if (states.has('unknown')) return 'unknown';
  return states.has('waiting') ? 'waiting' : 'moved';
}

function notesOf(judged: readonly JudgedPod[]): readonly string[] {
  const some = (holds: (each: JudgedPod) => boolean) => judged.some(holds);
  const notes: string[] = [];
  if (some(({ pod, state }) => state === 'both' && pod.identity === 'web identity'))
    notes.push('asks although it has a token: its SDK may be too old and need the sidecar; try --probe');
  if (some(({ pod, state }) => state === 'both' && pod.identity === 'sidecar'))
    notes.push('asks although it has the sidecar: it may need the mode metadata');
  if (some(({ pod }) => pod.identity === undefined && pod.role !== undefined))
    notes.push('has pods from before podrole gave them a role: restart it, or see podrole doctor');
  if (some(({ asked }) => asked.refusedMs !== undefined))
    notes.push('the proxy refused some of its requests');
  if (some(({ asked }) => asked.metadataMs !== undefined))
    notes.push('asks for other metadata, such as the region: the proxy passes this on to the node');
  if (some(({ pod }) => pod.isHostNetwork))
    notes.push('runs in the host network: its requests cannot be told from those of its node');
  return notes;
}
