import { createApiClient } from '../../kubernetes/api-client.ts';
import { loadKubeConfig } from '../../kubernetes/kube-config.ts';
import { asArray, asObject, type JsonObject } from '../../lib/json/json.ts';
import { NEVER_ABORTED } from '../../lib/never-aborted.ts';
import type { Outcome } from '../../lib/outcome.ts';
import type { MigrationCheck } from '../../migrate/check/model.ts';
import { runCheck } from '../../migrate/check/run-check.ts';
import type { OldProxy } from '../../migrate/model.ts';
import {
  type ApiRoute,
  type FakeApiServer,
  startFakeApiServer,
  statusAnswer,
} from '../kubernetes/fake-api-server.ts';
import { createStoredObjects, objectsRoute, type StoredObjects } from '../kubernetes/stored-objects.ts';
import { Collector } from '../processes/collector.ts';
import { PLAIN } from '../processes/no-signals.ts';
import { HOUR_MS, LISTED_AT_MS } from './check-facts.ts';

/** Cluster whose old proxy has a log, which is served as kubelet serves it. */
export interface CheckCluster {
  readonly stored: StoredObjects;
  readonly server: FakeApiServer;
  /** Lines with their time, by the name of the pod. */
  readonly logs: Map<string, readonly string[]>;
  /** Lines of the metrics, by the name of the pod and its port: `kiam-1:9620`. */
  readonly metrics: Map<string, readonly string[]>;
  readonly check: (
    changes?: Partial<Omit<Parameters<typeof runCheck>[0], 'client'>>,
  ) => Promise<{ readonly outcome: Outcome; readonly json: MigrationCheck }>;
  readonly table: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

const METRICS = /\/pods\/([^/]+)\/proxy\/metrics$/;
const PODS = /^\/api\/v1\/namespaces\/[^/]+\/pods\/([^/]+)\/log$/;

export async function startCheckCluster(from: OldProxy = 'kube2iam'): Promise<CheckCluster> {
  const stored = createStoredObjects();
  const logs = new Map<string, readonly string[]>();
  const metrics = new Map<string, readonly string[]>();
  const server = await startFakeApiServer(
    ({ pathname, searchParams }, response) => {
      const counted = metrics.get(decodeURIComponent(METRICS.exec(pathname)?.[1] ?? ''));
      if (counted) {
        response.end(counted.map((line) => `${line}\n`).join(''));
        return 'streaming';
      }
      const pod = PODS.exec(pathname)?.[1];
      if (pod === undefined) return undefined;
      const lines = logs.get(pod);
      if (!lines) return statusAnswer(400, 'container "kube2iam" in pod is waiting to start');
      response.writeHead(200, { 'Content-Type': 'text/plain' });
      response.end(servedLog(lines, searchParams));
      return 'streaming';
    },
    selectedPods(stored),
    objectsRoute(stored),
  );
  const client = createApiClient(loadKubeConfig({ kubeconfig: undefined, kubeApi: server.url }, {}));
  const run = async (output: 'table' | 'json', changes: object = {}) => {
    const stdout = new Collector();
    const input = {
      ...{ client, from, namespace: undefined, sinceMs: HOUR_MS, signal: NEVER_ABORTED },
      now: () => new Date(LISTED_AT_MS),
      roleAnnotation: 'iam.amazonaws.com/role',
      ...changes,
    };
    const progress = { show: () => {}, clear: () => {} };
    const outcome = await runCheck(input, output, { stdout, isColored: PLAIN, progress });
    return { outcome, text: stdout.text };
  };
  return {
    stored,
    server,
    logs,
    metrics,
    check: async (changes) => {
      const { outcome, text } = await run('json', changes);
      return { outcome, json: JSON.parse(text) as MigrationCheck };
    },
    table: async () => (await run('table')).text,
    stop: async () => {
      client.close();
      await server.stop();
    },
  };
}

/** As kubelet: lines from a time on, of these the last ones, of these the first bytes. */
function servedLog(lines: readonly string[], parameters: URLSearchParams): string {
  const since = Date.parse(parameters.get('sinceTime') ?? '1970-01-01T00:00:00Z');
  const later = lines.filter((line) => Date.parse(line.split(' ', 1)[0] ?? '') >= since);
  const last = later.slice(-Number(parameters.get('tailLines') ?? later.length));
  return last
    .map((line) => `${line}\n`)
    .join('')
    .slice(0, Number(parameters.get('limitBytes')));
}

/** Lists pods by labels, which the other route ignores. */
function selectedPods(stored: StoredObjects): ApiRoute {
  return ({ pathname, searchParams }) => {
    const selector = searchParams.get('labelSelector');
    if (!pathname.endsWith('/pods') || !selector) return undefined;
    const items = stored.listed(pathname).filter((pod) => {
      const labels = asObject(asObject(pod['metadata'])?.['labels']) ?? {};
      return Object.entries(labels).some(([key, value]) => selector === `${key}=${value}`);
    });
    return { status: 200, body: { items, metadata: {} } };
  };
}

/** Stores the proxy: a DaemonSet, and its pod on a node. */
export function storeProxy(
  { stored }: Pick<CheckCluster, 'stored'>,
  from: OldProxy,
  args: readonly string[] = [],
  startedAt = '2026-11-29T00:00:00Z',
): void {
  const container = { name: 'proxy', image: `registry.test/${from}:1`, args: [...args] };
  const name = from === 'kiam' ? 'kiam-agent' : from;
  stored.store(`/apis/apps/v1/namespaces/kube-system/daemonsets/${name}`, {
    metadata: { namespace: 'kube-system', name },
    spec: { selector: { matchLabels: { app: from } }, template: { spec: { containers: [container] } } },
    status: { desiredNumberScheduled: 1, numberReady: 1 },
  });
  stored.store(`/api/v1/namespaces/kube-system/pods/${from}-1`, {
    metadata: { namespace: 'kube-system', name: `${from}-1`, labels: { app: from } },
    spec: { nodeName: 'node-1', hostNetwork: true, containers: [container] },
    status: {
      phase: 'Running',
      podIP: '10.0.0.1',
      hostIP: '10.0.0.1',
      startTime: startedAt,
      containerStatuses: [{ name: 'proxy', state: { running: { startedAt } } }],
    },
  });
}

export interface StoredPod {
  readonly address: string;
  /** As its annotation names it. */
  readonly role?: string;
  readonly hasToken?: boolean;
  /** Default: `Running`. */
  readonly phase?: string;
  readonly metadata?: JsonObject;
  readonly spec?: JsonObject;
}

/** Stores a pod of Deployment shop/web on node-1, which runs since yesterday. */
export function storePod({ stored }: Pick<CheckCluster, 'stored'>, name: string, pod: StoredPod): void {
  const env = [
    { name: 'AWS_ROLE_ARN', value: 'arn:aws:iam::111122223333:role/shop-web' },
    { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: '/var/run/secrets/token/token' },
  ];
  const volumeMounts = [{ name: 'aws-iam-token', mountPath: '/var/run/secrets/token' }];
  const sources = [{ serviceAccountToken: { path: 'token', audience: 'sts.amazonaws.com' } }];
  const container = { name: 'app', image: 'app', ...(pod.hasToken && { env, volumeMounts }) };
  stored.store(`/api/v1/namespaces/shop/pods/${name}`, {
    metadata: {
      namespace: 'shop',
      name,
      labels: { 'pod-template-hash': '5f1c' },
      annotations: { ...(pod.role !== undefined && { 'iam.amazonaws.com/role': pod.role }) },
      ownerReferences: [{ kind: 'ReplicaSet', name: 'web-5f1c', controller: true }],
      ...pod.metadata,
    },
    spec: {
      nodeName: 'node-1',
      containers: [container, ...(asArray(pod.spec?.['containers']) ?? [])],
      volumes: pod.hasToken ? [{ name: 'aws-iam-token', projected: { sources } }] : [],
    },
    status: {
      phase: pod.phase ?? 'Running',
      podIP: pod.address,
      podIPs: [{ ip: pod.address }],
      hostIP: '10.0.0.1',
      startTime: '2026-11-29T10:00:00Z',
    },
  });
}
