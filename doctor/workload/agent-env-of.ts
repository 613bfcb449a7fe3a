import type { ClusterFacts } from '../facts/cluster-facts.ts';
import { valueIn } from '../facts/value-in.ts';
import { credentialSources } from './credential-sources.ts';

/**
 * Returns the variables by which podrole's agent finds the STS that it asks for a pod: those of the pod mean
 * nothing to it. Undefined if the pod itself asks; empty if the variables of the agent are not known.
 * @param container container whose own role it is; undefined for the role of the pod
 */
export function agentEnvOf(
  { pod, nodeAgents }: Pick<ClusterFacts, 'pod' | 'nodeAgents'>,
  container: string | undefined,
): Readonly<Record<string, string>> | undefined {
  const [found, agents] = [valueIn(pod), valueIn(nodeAgents) ?? []];
  if (!found) return undefined;
  const sources = credentialSources(found, agents).filter(
    (each) => container === undefined || each.container === container,
  );
  if (!sources.some(({ winner }) => winner?.kind === 'podrole agent')) return undefined;
  return valueIn(agents.find(({ kind }) => kind === 'podrole-agent')?.stsEnv) ?? {};
}
