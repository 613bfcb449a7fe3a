import { apiPath } from '../../../../kubernetes/api-path.ts';
import { podsPath } from '../../../../kubernetes/core-paths.ts';
import { type LabelSelector, narrowSelector, selectorText } from '../../../../kubernetes/label-selector.ts';
import { asArray, asObject, asText, type JsonObject, objectsOf } from '../../../../lib/json/json.ts';
import { metadataOf } from '../../../../lib/kubernetes-objects.ts';
import { nameOf } from '../../../../pods/pod-parts.ts';
import type { NodeAgentFacts } from '../../../facts/cluster-facts.ts';
import type { Reading } from '../../../facts/reading.ts';
import { type AgentEnv, narrowAgentEnv } from './read-agent-env.ts';
import { type ClusterAccess, type ClusterList, foldList } from './read-cluster.ts';

/** A DaemonSet of an agent, and how to find its pods. */
export interface FoundAgent {
  readonly agent: Omit<NodeAgentFacts, 'onNode' | 'stsEnv'>;
  readonly selector: LabelSelector;
  /** Of podrole's agent; undefined for another. */
  readonly env: AgentEnv | undefined;
}

const DAEMON_SETS = '/apis/apps/v1';
const MOST_DAEMON_SETS = 5_000;
const MOST_AGENTS = 20;
/** Kubernetes supports 5,000 nodes; each has one pod of an agent, and maybe one that ends. */
const MOST_AGENT_PODS = 20_000;

/** Finds the agents of a cluster, or of kube-system if only that may be read. */
export async function readNodeAgents(access: ClusterAccess): Promise<Reading<readonly FoundAgent[]>> {
  const all = await listAgents(access, {
    path: apiPath(DAEMON_SETS, 'daemonsets'),
    needs: 'list on daemonsets.apps',
    mostObjects: MOST_DAEMON_SETS,
  });
  if (all.state !== 'denied') return all;
  const usual = await listAgents(access, {
    path: apiPath(DAEMON_SETS, 'namespaces', 'kube-system', 'daemonsets'),
    needs: all.needs,
    mostObjects: MOST_DAEMON_SETS,
  });
  // Without the other namespaces, an empty list proves nothing.
  return usual.state === 'read' && usual.value.length > 0 ? usual : all;
}

function listAgents(access: ClusterAccess, list: ClusterList): Promise<Reading<readonly FoundAgent[]>> {
  return foldList<readonly FoundAgent[]>(access, list, [], (found, daemonSet) => {
    const agent = found.length < MOST_AGENTS ? narrowAgent(daemonSet) : undefined;
    return agent ? [...found, agent] : found;
  });
}

/** Returns undefined for a DaemonSet that does not serve credentials. */
function narrowAgent(daemonSet: JsonObject): FoundAgent | undefined {
  const metadata = metadataOf(daemonSet);
  const name = nameOf(metadata) ?? '';
  const spec = asObject(daemonSet['spec']);
  const status = asObject(daemonSet['status']);
  const kind = agentKindOf(name, spec);
  if (!kind) return undefined;
  const count = (field: string) => Number(status?.[field] ?? 0);
  return {
    agent: {
      kind,
      namespace: asText(metadata?.['namespace']) ?? '',
      name,
      desired: count('desiredNumberScheduled'),
      ready: count('numberReady'),
    },
    selector: narrowSelector(asObject(spec?.['selector'])),
    env: kind === 'podrole-agent' ? narrowAgentEnv(agentContainer(spec)) : undefined,
  };
}

/** Returns the container that runs `podrole agent`; another one of its pods keeps the rules. */
function agentContainer(spec: JsonObject | undefined): JsonObject | undefined {
  const containers = containersIn(spec);
  return containers.find((container) => runsIn(container, 'agent')) ?? containers[0];
}

function containersIn(spec: JsonObject | undefined): readonly JsonObject[] {
  return objectsOf(asObject(asObject(spec?.['template'])?.['spec'])?.['containers']);
}

function runsIn({ command, args }: JsonObject, word: string): boolean {
  return [...(asArray(command) ?? []), ...(asArray(args) ?? [])].includes(word);
}

/** Returns which agent a DaemonSet runs; undefined for one that does not serve credentials. */
export function agentKindOf(name: string, spec: JsonObject | undefined): NodeAgentFacts['kind'] | undefined {
  const containers = containersIn(spec);
  const names = [name, ...containers.map((container) => imageName(asText(container['image']) ?? ''))];
  const runs = (word: string) => containers.some((container) => runsIn(container, word));
  const isNamed = (part: string) => names.some((each) => each.includes(part));
  if (isNamed('eks-pod-identity-agent')) return 'eks-pod-identity-agent';
  if (isNamed('kube2iam')) return 'kube2iam';
  // Its server runs as a DaemonSet too, and its image has the same name.
  if (isNamed('kiam')) return name.includes('server') && !runs('agent') ? undefined : 'kiam';
  return isNamed('podrole-agent') || (isNamed('podrole') && runs('agent')) ? 'podrole-agent' : undefined;
}

/** `kube2iam` of `registry.example.com/jtblin/kube2iam:0.11`. */
export function imageName(image: string): string {
  return image.slice(image.lastIndexOf('/') + 1).split(/[:@]/, 1)[0] ?? '';
}

type AgentState = NodeAgentFacts['onNode'];

/** Returns whether an agent serves a node. */
export async function onNode(
  access: ClusterAccess,
  { agent, selector }: FoundAgent,
  node: string | undefined,
): Promise<AgentState> {
  if (node === undefined) return 'unknown';
  const states = await foldList<AgentState>(
    access,
    {
      path: podsPath(agent.namespace),
      parameters: { fieldSelector: `spec.nodeName=${node}`, labelSelector: selectorText(selector) },
      needs: `list on pods in the namespace ${agent.namespace}`,
      mostObjects: MOST_AGENTS,
    },
    'none',
    withPod,
  );
  return states.state === 'read' ? states.value : 'unknown';
}

/** Returns whether an agent serves a node, for any node, from one list of its pods. */
export async function onNodes(
  access: ClusterAccess,
  { agent, selector }: FoundAgent,
): Promise<(node: string | undefined) => AgentState> {
  let count = 0;
  const states = await foldList(
    access,
    {
      path: podsPath(agent.namespace),
      parameters: { labelSelector: selectorText(selector) },
      needs: `list on pods in the namespace ${agent.namespace}`,
      mostObjects: MOST_AGENT_PODS,
    },
    new Map<string, AgentState>(),
    (sum, pod) => {
      const node = asText(asObject(pod['spec'])?.['nodeName']) ?? '';
      count += 1;
      return sum.set(node, withPod(sum.get(node) ?? 'none', pod));
    },
  );
  const others = count < MOST_AGENT_PODS ? 'none' : 'unknown';
  return (node) =>
    node === undefined || states.state !== 'read' ? 'unknown' : (states.value.get(node) ?? others);
}

function withPod(state: AgentState, pod: JsonObject): AgentState {
  return state === 'ready' || isReady(pod) ? 'ready' : 'not ready';
}

function isReady(pod: JsonObject): boolean {
  const conditions = objectsOf(asObject(pod['status'])?.['conditions']);
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}
