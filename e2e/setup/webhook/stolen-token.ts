import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type ApiAnswer, type ApiChange, createApiClient } from '../../../kubernetes/api-client.ts';
import { loadKubeConfig } from '../../../kubernetes/kube-config.ts';
import { asObject, type JsonObject } from '../../../lib/json/json.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import { createToken, expectSuccess } from '../../cluster/api-objects.ts';
import type { ControlPlane } from '../../cluster/control-plane.ts';
import { KUBERNETES_MINOR } from '../../cluster/kubernetes-version.ts';
import { expectKubectl, NAMESPACE } from '../install/install-podrole.ts';
import { MANIFESTS } from '../install/manifest-renderers.ts';

export const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
export const SECRETS = `/api/v1/namespaces/${NAMESPACE}/secrets`;
export const SECRET = `${SECRETS}/podrole-webhook-tls`;
/** Kubernetes 1.29 has no ValidatingAdmissionPolicy. */
export const HAS_POLICY = KUBERNETES_MINOR >= 30;
const OVERLAY = path.join(MANIFESTS, 'overlays', HAS_POLICY ? 'default' : 'kubernetes-1.29');
/** Longer than any attack takes. */
const LIMITS = { timeoutMs: 30_000, signal: new AbortController().signal };

/** A thief of the webhook's token, in a cluster with the shipped manifests. */
interface Thief {
  readonly get: (at: string) => Promise<ApiAnswer>;
  readonly send: (change: ApiChange) => Promise<ApiAnswer>;
  /** Runs `kubectl apply --server-side --force-conflicts`; returns its stderr. */
  readonly applyByForce: (object: JsonObject) => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** Applies the overlay for this Kubernetes version. */
export function applyShipped(cluster: ControlPlane): Promise<string> {
  return expectKubectl(cluster, ['apply', '-k', OVERLAY]);
}

/** Resolves when the policy is in force, a moment after it was applied. */
export async function stealToken(cluster: ControlPlane): Promise<Thief> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-thief-'));
  const token = await createToken(cluster, NAMESPACE, 'podrole-webhook', {
    audience: 'https://kubernetes.default.svc',
    expirationSeconds: 3_600,
  });
  const kubeconfig = path.join(folder, 'kubeconfig');
  await writeFile(kubeconfig, cluster.kubeconfigOf(token), { mode: 0o600 });
  const client = createApiClient(loadKubeConfig({ kubeconfig, kubeApi: undefined }, {}));
  const send: Thief['send'] = (change) => client.send(change, LIMITS);
  const probed = `${ADMISSION}/mutatingwebhookconfigurations/podrole?dryRun=All`;
  const probe: ApiChange = {
    method: 'PATCH',
    path: probed,
    body: { metadata: { labels: { probe: 'yes' } } },
  };
  if (HAS_POLICY) await waitFor(async () => (await send(probe)).status === 422, 'the policy in force');
  return {
    get: (at) => client.get(at, LIMITS),
    send,
    applyByForce: async (object) => {
      const args = ['apply', '--server-side', '--force-conflicts', '--validate=false', '-f', '-'];
      const given = ['--kubeconfig', kubeconfig, ...args];
      return (await cluster.kubectl(given, { input: JSON.stringify(object) })).stderr;
    },
    stop: async () => {
      client.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Reads an object as the administrator. */
export async function readObject(cluster: ControlPlane, at: string): Promise<JsonObject> {
  return asObject((await expectSuccess(cluster, 'GET', at)).body) ?? {};
}

export function messageIn({ body }: ApiAnswer): string {
  return String(asObject(body)?.['message']);
}
