import type { ApiClient } from '../../kubernetes/api-client.ts';
import { CLUSTER_TIMEOUT_MS } from '../../kubernetes/command-timeout.ts';
import { PodroleError } from '../../lib/errors.ts';
import type { DesiredBinding } from '../desired/desired.ts';
import type { BindSurroundings } from '../surroundings.ts';
import { readPods } from './read-pods.ts';
import { restartWorkloads } from './restart-workloads.ts';
import { describeWorkload, type Workload } from './workload.ts';
import { workloadsToRestart } from './workloads-to-restart.ts';

/**
 * Reports which running workloads lack the role of their ServiceAccount. Restarts those that can be
 * restarted, if it may. Pods that cannot be listed are a note and not a fault: the binding itself is done.
 * @throws PodroleError `RESTART_FAILED`
 */
export async function reportWorkloads(
  cluster: ApiClient,
  bindings: readonly DesiredBinding[],
  mayRestart: boolean,
  { stdout, stderr, signal }: BindSurroundings,
): Promise<void> {
  const limits = { timeoutMs: CLUSTER_TIMEOUT_MS, signal };
  for (const { id, roleArn, serviceAccount } of bindings) {
    if (!serviceAccount) continue;
    const { namespace, name } = serviceAccount;
    try {
      const found = workloadsToRestart(await readPods(cluster, namespace, name, limits), roleArn);
      for (const workload of found) {
        const remedy =
          workload.byHand ??
          (mayRestart ? 'restarting it' : 'restart it, or run again with --approve --restart');
        stdout.write(
          `${describeWorkload(workload)}: ${workload.pods} running with ${workload.has}; ${remedy}\n`,
        );
      }
      if (!mayRestart) continue;
      const restartable = found.filter(({ byHand }) => byHand === undefined);
      const onRestarted = (workload: Workload) =>
        stderr.write(`done: ${describeWorkload(workload)}: restart\n`);
      await restartWorkloads(cluster, restartable, { now: new Date(), limits, onRestarted });
    } catch (thrown) {
      if (!(thrown instanceof PodroleError) || thrown.code === 'RESTART_FAILED') throw thrown;
      stderr.write(`note: running pods of ${id} were not checked: ${thrown.message}\n`);
    }
  }
}
