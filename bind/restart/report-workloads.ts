import type { ApiClient } from '../../kubernetes/api-client.ts';
import { CLUSTER_TIMEOUT_MS } from '../../kubernetes/command-timeout.ts';
import { PodroleError } from '../../lib/errors.ts';
import { printable } from '../../lib/text/printable.ts';
import type { DesiredBinding } from '../desired/desired.ts';
import { ownContainers } from '../desired/own-containers.ts';
import type { BindingFacts } from '../facts/collect-facts.ts';
import type { BindSurroundings } from '../surroundings.ts';
import { readPods } from './read-pods.ts';
import { restartWorkloads } from './restart-workloads.ts';
import { describeWorkload, type Workload } from './workload.ts';
import { workloadsToRestart } from './workloads-to-restart.ts';

/**
 * Reports which running workloads lack the role of their ServiceAccount. Restarts those that can be
 * restarted, if it may. Pods that cannot be listed are a note and not a fault: the binding itself is done.
 * @param bound bindings with what was found for each
 * @throws PodroleError `RESTART_FAILED`
 */
export async function reportWorkloads(
  cluster: ApiClient,
  bound: readonly (readonly [DesiredBinding, BindingFacts | undefined])[],
  mayRestart: boolean,
  { stdout, stderr, signal, deferSignals }: BindSurroundings,
): Promise<void> {
  const limits = { timeoutMs: CLUSTER_TIMEOUT_MS, signal };
  const bindings = bound.map(([binding]) => binding);
  const restarted = new Set<string>();
  for (const [{ id, roleArn, container, serviceAccount }, facts] of bound) {
    if (!serviceAccount || signal.aborted) continue;
    const { namespace, name } = serviceAccount;
    try {
      const found = workloadsToRestart(await readPods(cluster, namespace, name, limits), {
        roleArn,
        container,
        othersRoles: ownContainers(serviceAccount, facts?.serviceAccount?.object, bindings),
      });
      const place = container === undefined ? '' : ` in container ${container}`;
      for (const workload of found) {
        const remedy =
          workload.byHand ??
          (mayRestart ? 'restarting it' : 'restart it, or run again with --approve --restart');
        // The creator of a pod chooses its owner reference and its variables.
        const line = `${describeWorkload(workload)}: ${workload.pods} running with ${workload.has}${place}; ${remedy}`;
        stdout.write(`${printable(line)}\n`);
      }
      if (!mayRestart) continue;
      const restartable = found.filter(
        (workload) => workload.byHand === undefined && !restarted.has(describeWorkload(workload)),
      );
      for (const workload of restartable) restarted.add(describeWorkload(workload));
      const onRestarted = (workload: Workload) =>
        stderr.write(`done: ${printable(describeWorkload(workload))}: restart\n`);
      const options = { now: new Date(), limits, onRestarted };
      await deferSignals(() => restartWorkloads(cluster, restartable, options));
    } catch (thrown) {
      if (!(thrown instanceof PodroleError) || thrown.code === 'RESTART_FAILED') throw thrown;
      stderr.write(`note: running pods of ${id} were not checked: ${thrown.message}\n`);
    }
  }
}
