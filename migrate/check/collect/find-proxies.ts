import type { ClusterAccess } from '../../../doctor/collect/cluster/read/read-cluster.ts';
import { foldList } from '../../../doctor/collect/cluster/read/read-cluster.ts';
import { type FoundAgent, readNodeAgents } from '../../../doctor/collect/cluster/read/read-node-agents.ts';
import type { Reading } from '../../../doctor/facts/reading.ts';
import { podsPath } from '../../../kubernetes/core-paths.ts';
import { selectorText } from '../../../kubernetes/label-selector.ts';
import { asObject, asText, type JsonObject, objectsOf } from '../../../lib/json/json.ts';
import { metadataOf } from '../../../lib/kubernetes-objects.ts';
import { nameOf } from '../../../pods/pod-parts.ts';
import { type ProxyFlags, proxyFlagsOf } from '../../collect/narrow/proxy-flags.ts';
import type { OldProxy } from '../../model.ts';
import { msOf } from './narrow-checked-pod.ts';

/** A pod of the proxy. */
export interface ProxyPod {
  readonly namespace: string;
  readonly name: string;
  readonly node: string | undefined;
  /** Container that logs the requests. */
  readonly container: string;
  readonly flags: ProxyFlags;
  /** Begin of its log, in milliseconds since 1970; undefined if it does not run. */
  readonly startedMs: number | undefined;
}

/** Kubernetes supports 5,000 nodes. */
const MOST_PROXY_PODS = 20_000;

/** Finds the pods of the proxy by its DaemonSets: by the name of these, or of their image. */
export async function findProxies(
  access: ClusterAccess,
  from: OldProxy,
): Promise<readonly [agents: Reading<readonly FoundAgent[]>, pods: readonly Reading<readonly ProxyPod[]>[]]> {
  const agents = await readNodeAgents(access);
  if (agents.state !== 'read') return [agents, []];
  const pods: Reading<readonly ProxyPod[]>[] = [];
  for (const found of agents.value)
    if (found.agent.kind === from) pods.push(await podsOf(access, found, from));
  return [agents, pods];
}

function podsOf(
  access: ClusterAccess,
  { agent, selector }: FoundAgent,
  from: OldProxy,
): Promise<Reading<readonly ProxyPod[]>> {
  return foldList<ProxyPod[]>(
    access,
    {
      path: podsPath(agent.namespace),
      parameters: { labelSelector: selectorText(selector) },
      needs: `list on pods in the namespace ${agent.namespace}`,
      mostObjects: MOST_PROXY_PODS,
    },
    [],
    (pods, pod) => {
      const found = narrowProxyPod(pod, from);
      if (found) pods.push(found);
      return pods;
    },
  );
}

function narrowProxyPod(pod: JsonObject, from: OldProxy): ProxyPod | undefined {
  const metadata = metadataOf(pod);
  const spec = asObject(pod['spec']);
  const status = asObject(pod['status']);
  const containers = objectsOf(spec?.['containers']);
  const container =
    containers.find((each) => `${nameOf(each)} ${asText(each['image'])}`.includes(from)) ?? containers[0];
  const namespace = asText(metadata?.['namespace']);
  const [name, containerName] = [nameOf(metadata), nameOf(container)];
  if (!namespace || !name || !containerName) return undefined;
  const state = objectsOf(status?.['containerStatuses']).find((each) => each['name'] === containerName);
  return {
    namespace,
    name,
    node: asText(spec?.['nodeName']),
    container: containerName,
    flags: proxyFlagsOf(container ? [container] : []),
    startedMs: msOf(asObject(asObject(state?.['state'])?.['running'])?.['startedAt']),
  };
}
