import type { ApiAnswer, ApiClient } from '../../kubernetes/api-client.ts';
import { apiPath } from '../../kubernetes/api-path.ts';
import { asArray, asObject, type JsonObject } from '../../lib/json/json.ts';
import { statusAnswer } from '../kubernetes/fake-api-server.ts';
import { createStoredObjects } from '../kubernetes/stored-objects.ts';

/**
 * The part of an API server that keeps a webhook's Secret and MutatingWebhookConfiguration, in memory and
 * without a network.
 */
export interface CertificateCluster extends Pick<ApiClient, 'get' | 'send'> {
  secret: JsonObject | undefined;
  configuration: JsonObject | undefined;
  /** Successful writes, in order: `POST Secret`. */
  readonly writes: string[];
  /** Answer instead of the usual one; undefined: the usual one. */
  refuse: (method: string, kind: CertificateKind) => ApiAnswer | undefined;
}

type CertificateKind = 'Secret' | 'MutatingWebhookConfiguration';

export const CERTIFICATE_NAMES = {
  service: { namespace: 'podrole', name: 'podrole-webhook' },
  secret: 'podrole-webhook-tls',
  configuration: 'podrole',
} as const;

const SECRET_PATH = apiPath(
  '/api/v1',
  'namespaces',
  CERTIFICATE_NAMES.service.namespace,
  'secrets',
  CERTIFICATE_NAMES.secret,
);
const REGISTRATION_PATH = apiPath(
  '/apis/admissionregistration.k8s.io/v1',
  'mutatingwebhookconfigurations',
  CERTIFICATE_NAMES.configuration,
);

export function createCertificateCluster(): CertificateCluster {
  const stored = createStoredObjects();
  const set = (path: string, object: JsonObject | undefined) => {
    if (object) stored.objects.set(path, object);
    else stored.objects.delete(path);
  };
  const cluster: CertificateCluster = {
    get secret() {
      return stored.objects.get(SECRET_PATH);
    },
    set secret(object) {
      set(SECRET_PATH, object);
    },
    get configuration() {
      return stored.objects.get(REGISTRATION_PATH);
    },
    set configuration(object) {
      set(REGISTRATION_PATH, object);
    },
    writes: [],
    refuse: () => undefined,
    get: async (path) => {
      const refused = cluster.refuse('GET', kindOf(path));
      if (refused) return refused;
      const object = stored.objects.get(path);
      return object ? { status: 200, body: object } : statusAnswer(404, 'not found');
    },
    send: async ({ method, path, body }) => {
      const kind = kindOf(path);
      const refused = cluster.refuse(method, kind);
      if (refused) return refused;
      const sent = method === 'PATCH' ? mergedByName(cluster.configuration, body) : body;
      const answer = stored.change({ method, pathname: path, body: sent });
      if (answer.status < 300) cluster.writes.push(`${method} ${kind}`);
      return answer;
    },
  };
  return cluster;
}

/** Returns the merge patch that equals this strategic merge patch of the webhooks' client configurations. */
function mergedByName(configuration: JsonObject | undefined, body: unknown): JsonObject {
  const patches = asArray(asObject(body)?.['webhooks'])?.map((patch) => asObject(patch)) ?? [];
  const webhooks = asArray(configuration?.['webhooks'])?.map((value) => {
    const webhook = asObject(value) ?? {};
    const patch = patches.find((candidate) => candidate?.['name'] === webhook['name']);
    const clientConfig = { ...asObject(webhook['clientConfig']), ...asObject(patch?.['clientConfig']) };
    return { ...webhook, clientConfig };
  });
  return { ...asObject(body), webhooks };
}

/** Returns a configuration as installed: two webhooks without a caBundle, and one of another application. */
export function installedConfiguration(): JsonObject {
  const { service, configuration } = CERTIFICATE_NAMES;
  const entry = (name: string, leadsTo: JsonObject) => ({
    name,
    clientConfig: { service: { ...leadsTo, path: '/mutate', port: 443 } },
    failurePolicy: 'Fail',
  });
  return {
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: configuration, resourceVersion: '1' },
    webhooks: [
      entry('pods.podrole.dev', service),
      entry('required.pods.podrole.dev', service),
      entry('neighbour.example.test', { ...service, name: 'neighbour' }),
    ],
  };
}

function kindOf(path: string): CertificateKind {
  return path.includes('/secrets') ? 'Secret' : 'MutatingWebhookConfiguration';
}
