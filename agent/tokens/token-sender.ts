import { PodroleError } from '../../lib/errors.ts';
import type { Caller } from '../../metadata/workloads/caller.ts';
import type { NodePod } from '../pods/node-pod.ts';

/**
 * Refuses a valid token that certainly comes from another pod than its own: somebody has stolen it. Where the
 * address says nothing certain, the token alone decides, since nobody but the cluster can sign one. So it
 * does for an address that no pod is known to have: that of a second network of the pod.
 * @throws PodroleError `AGENT_TOKEN_REFUSED`
 */
export function refuseForeignToken(pod: NodePod, caller: Caller<NodePod>): void {
  if (caller.kind !== 'workload' || caller.workload.uid === pod.uid) return;
  throw new PodroleError({
    code: 'AGENT_TOKEN_REFUSED',
    object: 'Authorization',
    problem: 'holds the token of another pod than the one that sends it',
    remedy: "send the token of the pod's own file",
  });
}
