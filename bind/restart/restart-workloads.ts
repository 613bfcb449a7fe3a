import { type ApiClient, describeAnswer, type Limits } from '../../kubernetes/api-client.ts';
import { RESTARTED_AT_ANNOTATION } from '../../lib/contract/kubernetes.ts';
import { type Fault, throwIfAny } from '../../lib/errors.ts';
import { NEVER_ABORTED } from '../../lib/never-aborted.ts';
import { dateWithoutMilliseconds } from '../../lib/text/date-without-milliseconds.ts';
import { describeWorkload, isRestartable, type Workload, workloadPath } from './workload.ts';

export interface RestartOptions {
  readonly now: Date;
  readonly limits: Limits;
  /** Called for each workload after its restart. */
  readonly onRestarted: (workload: Workload) => void;
}

/**
 * Restarts Deployments, StatefulSets and DaemonSets as `kubectl rollout restart` does. If one cannot be
 * restarted, the others still are.
 * @throws PodroleError `RESTART_FAILED` with a fault for each that could not be restarted
 */
export async function restartWorkloads(
  client: ApiClient,
  workloads: readonly Workload[],
  { now, limits, onRestarted }: RestartOptions,
): Promise<void> {
  const faults: Fault[] = [];
  for (const workload of workloads) {
    const problem = limits.signal.aborted
      ? 'was not restarted: the run was interrupted'
      : await restart(client, workload, now, { ...limits, signal: NEVER_ABORTED });
    if (problem === undefined) onRestarted(workload);
    else {
      faults.push({
        code: 'RESTART_FAILED',
        object: describeWorkload(workload),
        problem,
        remedy: 'restart it with kubectl rollout restart',
      });
    }
  }
  throwIfAny(faults);
}

/** Returns the reason why it could not be restarted; undefined if it was. */
async function restart(
  client: ApiClient,
  workload: Workload,
  now: Date,
  limits: Limits,
): Promise<string | undefined> {
  const path = isRestartable(workload) ? workloadPath(workload) : undefined;
  if (path === undefined) return 'is not a workload that can be restarted';
  // kubectl writes the time in whole seconds.
  const restartedAt = dateWithoutMilliseconds(now);
  const annotations = { [RESTARTED_AT_ANNOTATION]: restartedAt };
  const body = { spec: { template: { metadata: { annotations } } } };
  const answer = await client.send({ method: 'PATCH', path, body }, limits);
  return answer.status === 200 ? undefined : `API server ${describeAnswer(answer)}`;
}
