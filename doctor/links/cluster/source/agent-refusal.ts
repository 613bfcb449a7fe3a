import type { Trouble } from '../../../chain/findings-of.ts';
import type { ChainFacts } from '../../../facts/chain-facts.ts';
import type { PodFacts } from '../../../facts/pod-facts.ts';
import { valueIn } from '../../../facts/value-in.ts';
import { isServedByAgent } from '../../../workload/credential-sources.ts';
import { describePod } from '../chain-parts.ts';

/** Reason of the Events of podrole's agent about a pod whose role STS refuses. */
const REFUSED = 'RoleRefused';

/**
 * Returns what podrole's agent has said about the pod. It does not break the chain: a later link finds the
 * cause, or it is gone, as Events stay for an hour.
 */
export function agentRefusal({ cluster }: ChainFacts, pod: PodFacts): Trouble | undefined {
  if (!isServedByAgent(pod)) return undefined;
  const last = valueIn(cluster.events)?.findLast(({ reason }) => reason === REFUSED);
  if (!last) return undefined;
  return {
    object: describePod(pod),
    expected: 'gets sessions from podrole agent',
    found: `was refused at ${last.lastSeen}: ${last.message}`,
    remedy: {
      text: 'follow the code in the message; the later links judge the role as it is now',
      commands: [],
    },
  };
}
