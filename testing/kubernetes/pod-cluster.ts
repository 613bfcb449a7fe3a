import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { runCli } from '../processes/cli.ts';
import { type FakeApiServer, startFakeApiServer, statusAnswer } from './fake-api-server.ts';
import { createStoredObjects, objectsRoute, type StoredObjects } from './stored-objects.ts';
import { watchStoredObjects } from './watched-objects.ts';

export const ROLE = 'arn:aws:iam::111122223333:role/team/shop-web';
export const SESSION = 'arn:aws:sts::111122223333:assumed-role/shop-web/x';
export const PODS = '/api/v1/namespaces/shop/pods';
export const SERVICE_ACCOUNT = '/api/v1/namespaces/shop/serviceaccounts/web';
export const CREATED = '2026-01-01T10:00:00Z';
export const CONFIGURATION = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/podrole';
export const DEPLOYMENT = '/apis/apps/v1/namespaces/podrole/deployments/podrole-webhook';

/** Cluster in which a pod that is created has ended at once, as its test says. */
export interface PodCluster {
  readonly stored: StoredObjects;
  readonly server: FakeApiServer;
  /** Admission of the pod by the cluster. */
  admit: (pod: JsonObject) => JsonObject;
  /** Status of the pod. */
  status: JsonObject | undefined;
  /** Answer in place of the created pod, which may exist nevertheless. */
  refusal: { readonly status: number; readonly message: string; readonly isStored?: true } | undefined;
  /** Runs `podrole test` of shop/web. */
  readonly testWeb: (...args: readonly string[]) => ReturnType<typeof runCli>;
  /** The pod as it was sent. */
  readonly sentPod: () => { readonly spec: JsonObject };
  readonly leftPods: () => number;
  /** Registers a webhook whose Service is in a namespace. */
  readonly register: (name: string, namespace: string) => void;
  /** Stores a Deployment with the labels of the webhook. */
  readonly deploy: (namespace: string, image: string) => void;
}

export async function startPodCluster(): Promise<PodCluster> {
  const stored = createStoredObjects();
  const server = await startFakeApiServer(
    watchStoredObjects(stored).route,
    ({ method, pathname, body }) => {
      if (method !== 'POST' || pathname !== PODS) return undefined;
      const { refusal } = cluster;
      if (refusal && !refusal.isStored) return statusAnswer(refusal.status, refusal.message);
      const sent = cluster.admit(asObject(body) ?? {});
      const metadata = { uid: 'uid-1', creationTimestamp: CREATED, ...asObject(sent['metadata']) };
      const spec = { nodeName: 'node-1', ...asObject(sent['spec']) };
      const path = `${PODS}/${asText(asObject(sent['metadata'])?.['name'])}`;
      const { status } = cluster;
      const made = stored.store(path, { ...sent, metadata, spec, status });
      return refusal ? statusAnswer(refusal.status, refusal.message) : { status: 201, body: made };
    },
    objectsRoute(stored),
  );
  const cluster: PodCluster = {
    stored,
    server,
    admit: (pod) => withVariables(pod, { AWS_ROLE_ARN: ROLE }),
    status: ended(0, reportOf(SESSION, 'shop-web')),
    refusal: undefined,
    testWeb: (...args) => runCli(['test', '-n', 'shop', 'web', '--kube-api', server.url, ...args]),
    sentPod: () => {
      const { body } = server.requests.findLast(({ method }) => method === 'POST') ?? {};
      return { spec: asObject(asObject(body)?.['spec']) ?? {} };
    },
    leftPods: () => stored.listed(PODS).length,
    register: (name, namespace) => {
      stored.store(CONFIGURATION, { webhooks: [{ name, clientConfig: { service: { namespace } } }] });
    },
    deploy: (namespace, image) => {
      stored.store(`/apis/apps/v1/namespaces/${namespace}/deployments/podrole-webhook`, {
        metadata: { namespace, name: 'podrole-webhook' },
        spec: { template: { spec: { containers: [{ name: 'podrole', image }] } } },
      });
    },
  };
  stored.store(SERVICE_ACCOUNT, {
    metadata: { namespace: 'shop', name: 'web', annotations: { 'eks.amazonaws.com/role-arn': ROLE } },
  });
  cluster.register('pods.podrole.dev', 'podrole');
  cluster.deploy('podrole', 'registry.test/podrole:1');
  return cluster;
}

/** Report of a pod that is this caller. */
export function reportOf(arn: string, role: string): string {
  const identity = { arn, account: '111122223333', role, sessionName: 'x' };
  const steps = [{ name: 'identity', state: 'ok', ms: 3, detail: arn }];
  return JSON.stringify({ steps, identity, notes: [], faults: [] });
}

/** Status of a pod whose container has ended. */
export function ended(exitCode: number, message: string, name = 'podrole-test'): JsonObject {
  return {
    containerStatuses: [{ name, state: { terminated: { exitCode, message, reason: 'Error' } } }],
  };
}

export function withVariables(pod: JsonObject, variables: Readonly<Record<string, string>>): JsonObject {
  const spec = asObject(pod['spec']) ?? {};
  const env = Object.entries(variables).map(([name, value]) => ({ name, value }));
  const containers = (asArray(spec['containers']) ?? []).map((each) => ({ ...asObject(each), env }));
  return { ...pod, spec: { ...spec, containers } };
}
