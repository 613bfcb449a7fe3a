import { SetupError } from '../../testing/setup-error.ts';
import { waitFor } from '../../testing/wait-for.ts';
import type { AdminAnswer, AdminClient } from './admin-client.ts';
import { mutatingWebhookConfiguration, type WebhookRegistration } from './mutating-webhook.ts';

type Requests = Pick<AdminClient, 'request'>;

const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

/** Creates a namespace and waits for its default ServiceAccount, which pods need. */
export async function createNamespace(
  api: Requests,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<void> {
  await expectSuccess(api, 'POST', '/api/v1/namespaces', { metadata: { name, labels } });
  await waitFor(async () => {
    const { status } = await api.request('GET', `/api/v1/namespaces/${name}/serviceaccounts/default`);
    return status === 200;
  }, `ServiceAccount ${name}/default`);
}

/** Fields of a token, with the meaning that they have in a pod's projected token. */
interface TokenRequest {
  readonly audience: string;
  /** At least 600. */
  readonly expirationSeconds: number;
  /** The token becomes invalid when this pod is deleted. */
  readonly boundPod?: { readonly name: string; readonly uid: string };
}

/** Requests the token that a kubelet would project into a pod. */
export async function createToken(
  api: Requests,
  namespace: string,
  serviceAccount: string,
  { audience, expirationSeconds, boundPod }: TokenRequest,
): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`;
  const boundObjectRef = boundPod && { apiVersion: 'v1', kind: 'Pod', ...boundPod };
  const spec = { audiences: [audience], expirationSeconds, ...(boundObjectRef && { boundObjectRef }) };
  const { body } = await expectSuccess(api, 'POST', path, { spec });
  return (body as { status: { token: string } }).status.token;
}

/** Returns the API server's public keys as served: an issuer has to publish them. */
export async function serviceAccountKeys(api: Requests): Promise<{ keys: Record<string, string>[] }> {
  const { body } = await expectSuccess(api, 'GET', '/openid/v1/jwks');
  return body as { keys: Record<string, string>[] };
}

/**
 * Registers a mutating webhook, or replaces the one of that name. The API server notices it a moment later:
 * wait for its first effect.
 */
export async function registerWebhook(api: Requests, registration: WebhookRegistration): Promise<void> {
  await removeWebhook(api, registration.name);
  await expectSuccess(api, 'POST', WEBHOOKS, mutatingWebhookConfiguration(registration));
}

/** Removes a mutating webhook if it exists. */
export async function removeWebhook(api: Requests, name: string): Promise<void> {
  await api.request('DELETE', `${WEBHOOKS}/${name}`);
}

/**
 * Sends a request that must succeed.
 * @throws SetupError `E2E_REQUEST_REFUSED` with the API server's answer
 */
export async function expectSuccess(
  api: Requests,
  method: string,
  path: string,
  body?: unknown,
): Promise<AdminAnswer> {
  const answer = await api.request(method, path, body);
  if (answer.status < 300) return answer;
  throw new SetupError({
    code: 'E2E_REQUEST_REFUSED',
    object: `${method} ${path}`,
    problem: `was answered with ${answer.status} ${JSON.stringify(answer.body)}`,
    remedy: 'see the log of kube-apiserver',
  });
}
