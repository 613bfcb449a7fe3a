import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Authority, createAuthority } from '../../../testing/certificates/certificates.ts';
import {
  type ServerProcess,
  type StartOptions,
  startPodrole,
} from '../../../testing/processes/server-process.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import { createNamespace, createToken, registerWebhook } from '../../cluster/api-objects.ts';
import type { ControlPlane } from '../../cluster/control-plane.ts';
import type { WebhookRegistration } from '../../cluster/mutating-webhook.ts';
import { createServiceAccount, dryRunPod, environmentOf } from '../pods/pods.ts';

/** A name of e2e/cluster/hosts. */
export const WEBHOOK_HOST = 'podrole-webhook.podrole.svc';
/**
 * No other process is in this network namespace, so that ports are free. The port is fixed, so that a
 * restarted webhook keeps its address.
 */
export const WEBHOOK_PORT = 8443;
const METRICS_PORT = 9999;
/** Long enough for the list of a cluster that tenants have filled. */
const READY_TIMEOUT_MS = 60_000;
/** Manifests of its ServiceAccount with its rights, without the webhook itself. */
const MANIFESTS = ['namespace/namespace', 'webhook/serviceaccount', 'webhook/rbac'].map((name) =>
  fileURLToPath(new URL(`../../../manifests/base/${name}.yaml`, import.meta.url)),
);
/** The right to read Namespaces, which only a webhook that judges roles has. */
const NAMESPACE_RIGHTS = fileURLToPath(
  new URL('../../../manifests/components/role-rules/rbac.yaml', import.meta.url),
);
/** The namespace and the ServiceAccount of the webhook in those files. */
export const WEBHOOK_NAMESPACE = 'podrole';
const WEBHOOK_ACCOUNT = 'podrole-webhook';
const TOKEN_SECONDS = 3_600;
const API_AUDIENCE = 'https://kubernetes.default.svc';
/** Selects namespaces, so that webhooks with different settings can share a cluster. */
const REGISTRATION_LABEL = 'e2e.podrole.dev/webhook';
const PROBE = { name: 'probe', role: 'arn:aws:iam::111122223333:role/probe' } as const;

/** The shipped webhook in a separate process, with the rights that its documentation requires. */
export interface Webhook extends ServerProcess {
  /** Returns the value of a metric, for labels such as `{state="known"}`, or summed over all labels. */
  metric(name: string, labels?: string): Promise<number>;
}

/** Surroundings of a webhook: certificate files, and a kubeconfig with its rights. */
export interface WebhookSite {
  readonly folder: string;
  readonly authority: Authority;
  /** Writes a file into the folder; returns its path. */
  file(name: string, content: string): Promise<string>;
  /** Replaces certificate and key by a new pair of the same authority; returns the certificate, PEM. */
  replaceCertificate(): Promise<string>;
  /** Starts the bundle; resolves when /readyz reports ready. */
  start(
    args?: readonly string[],
    options?: StartOptions & { readonly port?: number; readonly metricsPort?: number },
  ): Promise<Webhook>;
  /**
   * Creates and labels a namespace, and registers the webhook for all namespaces with that label; resolves
   * after its first effect.
   */
  register(
    namespace: string,
    options?: Partial<WebhookRegistration> & { readonly port?: number },
  ): Promise<void>;
  /** Ends the processes and removes the files. */
  stop(): Promise<void>;
}

/** Returns labels for further namespaces of the webhook that is registered for this namespace. */
export function registeredLike(namespace: string): Record<string, string> {
  return { [REGISTRATION_LABEL]: namespace };
}

/**
 * Creates the webhook's ServiceAccount with the shipped manifests.
 * @param judgesRoles grants what a webhook with `--pod-role-annotation` or a policy needs, too
 */
export async function prepareWebhook(
  cluster: ControlPlane,
  { judgesRoles = false }: { readonly judgesRoles?: boolean } = {},
): Promise<WebhookSite> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-webhook-'));
  const file = async (name: string, content: string) => {
    const location = path.join(folder, name);
    await writeFile(location, content, { mode: 0o600 });
    return location;
  };
  const authority = await createAuthority('podrole e2e webhook');
  const replaceCertificate = certificateFiles(authority, file);
  await replaceCertificate();

  const manifests = judgesRoles ? [...MANIFESTS, NAMESPACE_RIGHTS] : MANIFESTS;
  const files = manifests.map((name) => `--filename=${name}`);
  const applied = await cluster.kubectl(['apply', '--namespace', WEBHOOK_NAMESPACE, ...files]);
  if (applied.code !== 0) throw new Error(applied.stderr);
  const kubeconfig = await file('kubeconfig', await webhookKubeconfig(cluster));

  const running = new Set<ServerProcess>();
  return {
    folder,
    authority,
    file,
    replaceCertificate,
    async start(args = [], { port = WEBHOOK_PORT, metricsPort = METRICS_PORT, ...options } = {}) {
      const started = await startPodrole(
        [
          ...['webhook', '--kubeconfig', kubeconfig, '--namespace', WEBHOOK_NAMESPACE],
          ...['--tls-cert', path.join(folder, 'tls.crt'), '--tls-key', path.join(folder, 'tls.key')],
          ...['--port', `${port}`, '--metrics-port', `${metricsPort}`, ...args],
        ],
        { ...options, from: 'bundle' },
      );
      running.add(started);
      return await readyWebhook(started, metricsPort);
    },
    async register(namespace, { port = WEBHOOK_PORT, ...options } = {}) {
      await createNamespace(cluster, namespace, registeredLike(namespace));
      await createServiceAccount(cluster, namespace, PROBE.name, PROBE.role);
      await registerWebhook(cluster, {
        name: `podrole-${namespace}`,
        url: `https://${WEBHOOK_HOST}:${port}/mutate`,
        caBundle: authority.cert,
        namespaceSelector: { matchLabels: registeredLike(namespace) },
        ...options,
      });
      await firstEffect(cluster, namespace);
    },
    async stop() {
      await Promise.all([...running].map((started) => started.stop('SIGKILL')));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Returns a kubeconfig with a token of the webhook's ServiceAccount, which must exist. */
export async function webhookKubeconfig(cluster: ControlPlane): Promise<string> {
  const token = await createToken(cluster, WEBHOOK_NAMESPACE, WEBHOOK_ACCOUNT, {
    audience: API_AUDIENCE,
    expirationSeconds: TOKEN_SECONDS,
  });
  return cluster.kubeconfigOf(token);
}

/** Returns a function that writes a new certificate with its key, and returns the certificate. */
function certificateFiles(authority: Authority, file: WebhookSite['file']): () => Promise<string> {
  /**
   * One replacement at a time: two at once could combine the certificate of one with the key of the other.
   */
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const next = last.then(async () => {
      const { cert, key } = await authority.issue([WEBHOOK_HOST]);
      await Promise.all([file('tls.crt', cert), file('tls.key', key)]);
      return cert;
    });
    last = next;
    return next;
  };
}

async function readyWebhook(started: ServerProcess, metricsPort: number): Promise<Webhook> {
  const get = (at: string) => fetch(`http://127.0.0.1:${metricsPort}${at}`);
  await waitFor(async () => (await get('/readyz')).ok, 'webhook ready', READY_TIMEOUT_MS);
  const metric = async (name: string, labels?: string) =>
    sumOf(name, labels, await (await get('/metrics')).text());
  return Object.assign(started, { metric });
}

/** Resolves when the webhook has changed a pod of this namespace. */
async function firstEffect(cluster: ControlPlane, namespace: string): Promise<void> {
  const isPatched = async () => {
    const pod = await dryRunPod(cluster, namespace, PROBE.name);
    return environmentOf(pod, 'app')['AWS_ROLE_ARN'] === PROBE.role;
  };
  await waitFor(isPatched, `the webhook's first effect in namespace ${namespace}`);
}

function sumOf(name: string, labels: string | undefined, exposition: string): number {
  const samples = [...exposition.matchAll(/^([a-z_]+)(\{[^}]*\})? (\S+)$/gm)];
  return samples
    .filter(([, found, given]) => found === name && (labels === undefined || labels === given))
    .reduce((sum, [, , , value]) => sum + Number(value), 0);
}
