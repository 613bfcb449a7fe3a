import { eachObject, type ListedKind } from '../../../doctor/audit/collect/bounded-list.ts';
import { createUnread, type Unread } from '../../../doctor/audit/collect/unread.ts';
import type { ApiClient } from '../../../kubernetes/api-client.ts';
import { CLUSTER_TIMEOUT_MS } from '../../../kubernetes/command-timeout.ts';
import { inLanes } from '../../../lib/in-lanes.ts';
import type { Progress } from '../../../lib/surroundings.ts';
import { WORKLOAD_KINDS } from '../../collect/kinds.ts';
import type { OldProxy } from '../../model.ts';
import type { CheckedTemplate, CheckFacts, ProxyLog } from '../facts.ts';
import { createFindAsker } from '../log/find-asker.ts';
import { findProxies, type ProxyPod } from './find-proxies.ts';
import { type NarrowedPod, narrowCheckedPod } from './narrow-checked-pod.ts';
import { narrowCheckedTemplate } from './narrow-checked-template.ts';
import { type LogReading, readProxyLog } from './read-proxy-log.ts';

export interface CheckInput {
  readonly client: ApiClient;
  readonly signal: AbortSignal;
  readonly progress: Pick<Progress, 'show'>;
  /** Wall-clock time. */
  readonly now: () => Date;
  readonly from: OldProxy;
  /** Only the workloads of this namespace; undefined: all. */
  readonly namespace: string | undefined;
  readonly sinceMs: number;
  /** Annotation by which pods name their role for the proxy. */
  readonly roleAnnotation: string;
}

const PODS: ListedKind = {
  root: '/api/v1',
  resource: 'pods',
  isNamespaced: true,
  parts: {
    metadata: {
      namespace: true,
      name: true,
      uid: true,
      annotations: true,
      labels: true,
      ownerReferences: true,
    },
    spec: true,
    status: true,
  },
  missing: 'whose addresses asked the proxy',
};

/**
 * Collects what a check judges: the pods first, so that a request after that is not laid at the door of a pod
 * that took over the address; then the logs of the proxy.
 */
export async function collectCheck(input: CheckInput): Promise<CheckFacts> {
  const { client, signal, progress, now, from, sinceMs, namespace } = input;
  const access = { client, limits: { timeoutMs: CLUSTER_TIMEOUT_MS, signal } };
  const unread = createUnread();
  progress.show('reading pods');
  const listedAtMs = now().getTime();
  const pods = await readPods(input, unread);
  progress.show('reading workloads');
  const templates = await readTemplates(input, unread);
  const [agents, proxies] = await findProxies(access, from);
  unread.note(`DaemonSets of ${from}`, agents, 'who asks the proxy');
  for (const each of proxies) unread.note(`pods of ${from}`, each, 'who asks it');
  const isRead = agents.state === 'read' && proxies.every(({ state }) => state === 'read');
  const nodeAddresses = new Set(pods.flatMap(({ nodeAddresses }) => nodeAddresses));
  const findAsker = createFindAsker(
    pods.map(({ addressed }) => addressed),
    nodeAddresses,
  );
  const window = { fromMs: listedAtMs - sinceMs, toMs: listedAtMs };
  const proxyPods = proxies.flatMap((each) => (each.state === 'read' ? each.value : []));
  const logs = await readLogs(proxyPods, { client, signal, from, window, findAsker }, progress);
  return {
    ...{ from, listedAtMs, sinceMs, namespace, templates, logs },
    pods: pods.map(({ checked }) => checked),
    hasAllProxies: isRead,
    unread: unread.texts,
  };
}

/** The addresses of all namespaces matter, also if only one is shown. */
async function readPods(
  { client, signal, namespace, roleAnnotation }: CheckInput,
  unread: Unread,
): Promise<readonly NarrowedPod[]> {
  const limits = { timeoutMs: CLUSTER_TIMEOUT_MS, signal };
  const pods: NarrowedPod[] = [];
  const list = (of: string | undefined) =>
    eachObject({ client, limits, unread, namespace: of }, PODS, (pod) => {
      pods.push(narrowCheckedPod(pod, roleAnnotation));
    });
  if ((await list(undefined)) === 'denied' && namespace !== undefined) await list(namespace);
  return pods;
}

async function readTemplates(
  { client, signal, namespace, roleAnnotation }: CheckInput,
  unread: Unread,
): Promise<readonly CheckedTemplate[]> {
  const access = { client, limits: { timeoutMs: CLUSTER_TIMEOUT_MS, signal }, unread, namespace };
  const templates: CheckedTemplate[] = [];
  for (const kind of WORKLOAD_KINDS)
    await eachObject(access, kind, (object) => {
      const template = narrowCheckedTemplate(kind, object, roleAnnotation);
      if (template) templates.push(template);
    });
  return templates;
}

/** Logs that are read at a time. */
const LANES = 8;
const MAX_LOG_BYTES = 16 * 1024 * 1024;
/** Of all logs together. */
const MAX_BYTES = 1024 * 1024 * 1024;

async function readLogs(
  proxies: readonly ProxyPod[],
  reading: Omit<LogReading, 'maxBytes'>,
  progress: Pick<Progress, 'show'>,
): Promise<readonly ProxyLog[]> {
  let [rest, done] = [MAX_BYTES, 0];
  return await inLanes(proxies, LANES, async (proxy) => {
    progress.show('reading logs of the proxy', done, proxies.length);
    const maxBytes = Math.min(MAX_LOG_BYTES, rest);
    const { log, bytes } = await readProxyLog(proxy, { ...reading, maxBytes });
    rest -= bytes;
    done += 1;
    return log;
  });
}
