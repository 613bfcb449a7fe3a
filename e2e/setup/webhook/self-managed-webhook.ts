import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type ServerProcess, startPodrole } from '../../../testing/processes/server-process.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';
import type { ControlPlane } from '../../cluster/control-plane.ts';
import { type ReadyBalancer, startReadyBalancer } from '../proxies/ready-balancer.ts';
import { WEBHOOK_HOST, WEBHOOK_NAMESPACE, webhookKubeconfig } from './webhook-site.ts';

const MANIFEST = new URL('../../../manifests/install.yaml', import.meta.url);
/** Replaces the port of the Service. */
const SERVICE_PORT = 8_400;
const SECRET = '/api/v1/namespaces/podrole/secrets/podrole-webhook-tls';
const REGISTRATION = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/podrole';

export interface Replica extends ServerProcess {
  readonly port: number;
  readonly readiness: () => Promise<{ readonly ready: boolean; readonly reasons: readonly string[] }>;
}

/**
 * The shipped manifests in an API server, and replicas outside the cluster that have the rights of these
 * manifests.
 */
interface SelfManagedWebhook {
  /** Starts replica 0, 1, ...; resolves when it listens, before it is ready. */
  readonly startReplica: (number: number, args?: readonly string[]) => Promise<Replica>;
  /** Returns the decoded data of the Secret; undefined if the Secret does not exist. */
  readonly secretData: () => Promise<Readonly<Record<string, string>> | undefined>;
  /** Applies a merge patch. */
  readonly patchSecret: (patch: unknown) => Promise<void>;
  /** Returns the PEM of each caBundle by the name of its webhook. */
  readonly bundles: () => Promise<Readonly<Record<string, string>>>;
  /** Writes this PEM into every caBundle. */
  readonly overwriteBundles: (pem: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

interface StoredRegistration {
  readonly webhooks: readonly {
    readonly name: string;
    readonly clientConfig: { readonly caBundle?: string };
  }[];
}

/**
 * Installs the manifests. A control plane without nodes cannot reach a Service, so that the webhook
 * configuration gets a URL with the name of the Service instead.
 */
export async function installSelfManagedWebhook(cluster: ControlPlane): Promise<SelfManagedWebhook> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-self-managed-'));
  await applyManifests(cluster);
  const kubeconfig = path.join(folder, 'kubeconfig');
  await writeFile(kubeconfig, await webhookKubeconfig(cluster), { mode: 0o600 });
  const replicas = new Set<ServerProcess>();
  const balancer = await startReadyBalancer(SERVICE_PORT);
  return {
    startReplica: async (number, args = []) => {
      const replica = await startReplica(number, kubeconfig, args, balancer);
      replicas.add(replica);
      return replica;
    },
    ...managedObjects(cluster),
    stop: async () => {
      await Promise.all([...replicas].map((replica) => replica.stop('SIGKILL')));
      await balancer.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function applyManifests(cluster: ControlPlane): Promise<void> {
  const documents = parseAllDocuments(await readFile(MANIFEST, 'utf8'));
  const items = documents.map((document) => withUrl(document.toJS()));
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const applied = await cluster.kubectl(['apply', '-f', '-'], { input });
  if (applied.code !== 0) throw new Error(applied.stderr);
}

/** Starts a replica, and adds it to the balancer. */
async function startReplica(
  number: number,
  kubeconfig: string,
  args: readonly string[],
  balancer: ReadyBalancer,
): Promise<Replica> {
  const port = 8_443 + number;
  const metricsPort = 9_999 - number;
  const started = await startPodrole(
    [
      ...['webhook', '--in-cluster', '--kubeconfig', kubeconfig, '--namespace', WEBHOOK_NAMESPACE],
      ...['--service-name', 'podrole-webhook', '--tls-secret', 'podrole-webhook-tls'],
      ...['--webhook-configuration', 'podrole', '--port', `${port}`, '--metrics-port', `${metricsPort}`],
      ...args,
    ],
    { from: 'bundle' },
  );
  const readiness = async () =>
    (await (await fetch(`http://127.0.0.1:${metricsPort}/readyz`)).json()) as Awaited<
      ReturnType<Replica['readiness']>
    >;
  const remove = balancer.add({ port, isReady: async () => (await readiness()).ready });
  const stop: ServerProcess['stop'] = async (signal) => {
    remove();
    return await started.stop(signal);
  };
  return { ...started, port, readiness, stop };
}

type ManagedObjects = Pick<SelfManagedWebhook, 'secretData' | 'patchSecret' | 'bundles' | 'overwriteBundles'>;

/** Reads and changes the objects that the webhook manages itself. */
function managedObjects(cluster: ControlPlane): ManagedObjects {
  const registration = async () =>
    (await expectSuccess(cluster, 'GET', REGISTRATION)).body as StoredRegistration;
  return {
    secretData: async () => {
      const { status, body } = await cluster.request('GET', SECRET);
      if (status === 404) return undefined;
      const { data } = body as { readonly data: Readonly<Record<string, string>> };
      return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, fromBase64(value)]));
    },
    patchSecret: async (patch) => {
      await expectSuccess(cluster, 'PATCH', SECRET, patch);
    },
    bundles: async () => {
      const { webhooks } = await registration();
      return Object.fromEntries(
        webhooks.map(({ name, clientConfig: { caBundle = '' } }) => [name, fromBase64(caBundle)]),
      );
    },
    overwriteBundles: async (pem) => {
      const caBundle = Buffer.from(pem).toString('base64');
      const { webhooks } = await registration();
      await expectSuccess(cluster, 'PATCH', REGISTRATION, {
        webhooks: webhooks.map((webhook) => ({
          ...webhook,
          clientConfig: { ...webhook.clientConfig, caBundle },
        })),
      });
    },
  };
}

function fromBase64(value: string): string {
  return Buffer.from(value, 'base64').toString();
}

function withUrl(object: Record<string, unknown>): Record<string, unknown> {
  if (object['kind'] !== 'MutatingWebhookConfiguration') return object;
  const clientConfig = { url: `https://${WEBHOOK_HOST}:${SERVICE_PORT}/mutate` };
  const webhooks = object['webhooks'] as readonly Record<string, unknown>[];
  return { ...object, webhooks: webhooks.map((webhook) => ({ ...webhook, clientConfig })) };
}
