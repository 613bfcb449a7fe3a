import { type ApiChange, type ApiClient, describeAnswer, type Limits } from '../../kubernetes/api-client.ts';
import { RESTARTED_AT_ANNOTATION } from '../../lib/contract.ts';
import { type Fault, PodroleError } from '../../lib/errors.ts';
import { describeWorkload, RESTARTABLE, type Workload } from './workload.ts';

/**
 * Has Deployments, StatefulSets and DaemonSets make their pods anew, as `kubectl rollout restart` does. One that can't be restarted
 * does not keep the others from it.
 * @param onRestarted is told each, for a person
 * @throws PodroleError `RESTART_FAILED` with a fault for each that could not be
 */
export async function restartWorkloads(
  client: ApiClient,
  workloads: readonly Workload[],
  now: Date,
  limits: Limits,
  onRestarted: (workload: Workload) => void,
): Promise<void> {
  const faults: Fault[] = [];
  for (const workload of workloads) {
    const answer = await client.send(restartOf(workload, now), limits);
    if (answer.status === 200) onRestarted(workload);
    else {
      faults.push({
        code: 'RESTART_FAILED',
        object: describeWorkload(workload),
        problem: `API server ${describeAnswer(answer)}`,
        remedy: 'restart it with kubectl rollout restart',
      });
    }
  }
  if (faults.length > 0) throw new PodroleError(faults);
}

function restartOf({ kind, namespace, name }: Workload, now: Date): ApiChange {
  // kubectl writes the time in whole seconds.
  const restartedAt = now.toISOString().replace(/\.\d+Z$/, 'Z');
  const annotations = { [RESTARTED_AT_ANNOTATION]: restartedAt };
  return {
    method: 'PATCH',
    path: `/apis/apps/v1/namespaces/${namespace}/${RESTARTABLE[kind]}/${name}`,
    body: { spec: { template: { metadata: { annotations } } } },
  };
}
