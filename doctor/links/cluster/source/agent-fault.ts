import { shellWord } from '../../../../lib/text/shell-word.ts';
import type { ChainFacts } from '../../../facts/chain-facts.ts';
import type { NodeAgentFacts } from '../../../facts/cluster-facts.ts';
import type { PodFacts } from '../../../facts/pod-facts.ts';
import { valueIn } from '../../../facts/value-in.ts';
import type { ContainerSources, SourceKind } from '../../../workload/credential-sources.ts';
import { describePod } from '../chain-parts.ts';
import type { CodedTrouble } from '../webhook/webhook-selection.ts';

const AGENT_OF: Partial<Readonly<Record<SourceKind, NodeAgentFacts['kind']>>> = {
  'EKS Pod Identity': 'eks-pod-identity-agent',
  'podrole agent': 'podrole-agent',
  kube2iam: 'kube2iam',
  kiam: 'kiam',
};

/** Returns a fault if the containers of a pod depend on an agent that does not serve their node. */
export function agentFault(
  { cluster }: ChainFacts,
  pod: PodFacts,
  sources: readonly ContainerSources[],
): CodedTrouble | undefined {
  const kinds = sources.map(({ winner }) => winner && AGENT_OF[winner.kind]);
  const agents = valueIn(cluster.nodeAgents);
  const agent = agents?.find(({ kind }) => kinds.includes(kind));
  if (!agent && agents && kinds.includes('podrole-agent')) return notInstalled(pod);
  // Without a DaemonSet, another agent may be a part of the node, as in EKS Auto Mode.
  if (!agent || !isDown(agent)) return undefined;
  const namespace = shellWord(agent.namespace);
  const node = pod.node === undefined ? 'each node' : `node ${pod.node}`;
  return {
    code: 'AGENT_DOWN',
    object: `DaemonSet ${agent.namespace}/${agent.name}`,
    expected: `has a ready pod on ${node}`,
    found: `has ${agent.ready} ready of ${agent.desired}, and on this node: ${agent.onNode}`,
    remedy: {
      text: 'find out what its pods wait for',
      commands: [
        `kubectl -n ${namespace} describe daemonset ${shellWord(agent.name)}`,
        `kubectl -n ${namespace} get events --field-selector type=Warning`,
      ],
    },
  };
}

function notInstalled(pod: PodFacts): CodedTrouble {
  return {
    code: 'AGENT_DOWN',
    object: describePod(pod),
    expected: 'asks podrole agent, which a DaemonSet runs on its node',
    found: 'finds none: no DaemonSet that can be read runs it',
    remedy: {
      text: 'install podrole agent, or set podrole.dev/sidecar to credentials or none and create the pod again',
      commands: [],
    },
  };
}

function isDown({ onNode, ready }: NodeAgentFacts): boolean {
  return onNode === 'unknown' ? ready === 0 : onNode !== 'ready';
}
