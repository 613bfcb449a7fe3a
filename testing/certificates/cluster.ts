import type { ApiAnswer, ApiChange, ApiClient } from '../../kubernetes/api-client.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';

/** The part of an API server that keeps a webhook's Secret and MutatingWebhookConfiguration, in memory and without a network. */
export interface CertificateCluster extends Pick<ApiClient, 'get' | 'send'> {
  secret: JsonObject | undefined;
  registration: JsonObject | undefined;
  /** What was written, in order: `POST Secret`. */
  readonly writes: string[];
  /** What a request is answered instead; undefined: nothing else. */
  refuse: (method: string, kind: CertificateKind) => ApiAnswer | undefined;
}

export type CertificateKind = 'Secret' | 'MutatingWebhookConfiguration';

export const CERTIFICATE_NAMES = {
  service: { namespace: 'podrole', name: 'podrole-webhook' },
  secret: 'podrole-webhook-tls',
  registration: 'podrole',
} as const;

export function createCertificateCluster(): CertificateCluster {
  let version = 100;
  const cluster: CertificateCluster = {
    secret: undefined,
    registration: undefined,
    writes: [],
    refuse: () => undefined,
    get: async (path) => {
      const kind = kindOf(path);
      const refused = cluster.refuse('GET', kind);
      if (refused) return refused;
      const object = kind === 'Secret' ? cluster.secret : cluster.registration;
      return object ? { status: 200, body: object } : status(404, 'not found');
    },
    send: async (change) => {
      const kind = kindOf(change.path);
      const refused = cluster.refuse(change.method, kind);
      if (refused) return refused;
      const answer = kind === 'Secret' ? writeSecret(change) : patchRegistration(change);
      if (answer.status < 300) cluster.writes.push(`${change.method} ${kind}`);
      return answer;
    },
  };

  function stored(object: JsonObject): JsonObject {
    version += 1;
    const metadata = { ...asObject(object['metadata']), resourceVersion: `${version}` };
    return { ...object, metadata };
  }

  function writeSecret({ method, body }: ApiChange): ApiAnswer {
    const sent = asObject(body) ?? {};
    if (method === 'POST' && cluster.secret) return status(409, 'already exists');
    if (method === 'PUT' && !cluster.secret) return status(404, 'not found');
    if (method === 'PUT' && versionOf(sent) !== versionOf(cluster.secret)) return status(409, 'modified');
    cluster.secret = stored(sent);
    return { status: method === 'POST' ? 201 : 200, body: cluster.secret };
  }

  /** A strategic merge patch of what a webhook may change of its entries. */
  function patchRegistration({ body }: ApiChange): ApiAnswer {
    const { registration } = cluster;
    if (!registration) return status(404, 'not found');
    if (versionOf(asObject(body)) !== versionOf(registration)) return status(409, 'modified');
    const patches = asArray(asObject(body)?.['webhooks'])?.map((patch) => asObject(patch)) ?? [];
    const webhooks = asArray(registration['webhooks'])?.map((value) => {
      const webhook = asObject(value) ?? {};
      const patch = patches.find((candidate) => candidate?.['name'] === webhook['name']);
      const clientConfig = { ...asObject(webhook['clientConfig']), ...asObject(patch?.['clientConfig']) };
      return { ...webhook, clientConfig };
    });
    cluster.registration = stored({ ...registration, webhooks });
    return { status: 200, body: cluster.registration };
  }

  return cluster;
}

/** A configuration as it is installed: two webhooks without caBundle, and that of a neighbour. */
export function installedRegistration(): JsonObject {
  const { service, registration } = CERTIFICATE_NAMES;
  const entry = (name: string, leadsTo: JsonObject) => ({
    name,
    clientConfig: { service: { ...leadsTo, path: '/mutate', port: 443 } },
    failurePolicy: 'Fail',
  });
  return {
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: registration, resourceVersion: '1' },
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

function versionOf(object: JsonObject | undefined): string | undefined {
  return asText(asObject(object?.['metadata'])?.['resourceVersion']);
}

function status(code: number, message: string): ApiAnswer {
  return { status: code, body: { kind: 'Status', code, message } };
}
