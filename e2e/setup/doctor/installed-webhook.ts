import { type ServerProcess, startPodrole } from '../../../testing/processes/server-process.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';
import type { ControlPlane } from '../../cluster/control-plane.ts';
import type { TemporarySite } from '../temporary-site.ts';
import { WEBHOOK_NAMESPACE, webhookKubeconfig } from '../webhook/webhook-site.ts';
import { isReady, type UnrunPod } from './kubelet-stand-in.ts';
import { openServiceAddress } from './service-address.ts';

const PORT = 8_443;
const METRICS_PORT = 9_999;
const READY_TIMEOUT_MS = 30_000;
const COMPONENT = 'app.kubernetes.io/component';

/** The webhook that `podrole up` installed: one process for all its pods, at the address of the Service. */
export interface InstalledWebhook {
  /** Starts the process for a pod of the webhook; resolves when it is ready. Does nothing for other pods. */
  start(pod: UnrunPod): Promise<void>;
  /** Lets the process run exactly while there are ready pods. */
  follow(pods: readonly UnrunPod[]): Promise<void>;
  /** Ends the process, as a node that hangs does: its pods stay ready in the API server. */
  hang(): Promise<void>;
  /** Starts the process again at the next look at the pods. */
  resume(): void;
  stop(): Promise<void>;
}

/** Follows an installation whose Service exists. */
export async function runInstalledWebhook(
  cluster: ControlPlane,
  { file }: TemporarySite,
): Promise<InstalledWebhook> {
  const { body } = await expectSuccess(cluster, 'GET', '/api/v1/namespaces/podrole/services/podrole-webhook');
  const { clusterIP } = (body as { spec: { clusterIP: string } }).spec;
  const address = await openServiceAddress(clusterIP, 443);
  let running: ServerProcess | undefined;
  let revision: string | undefined;
  let isHung = false;
  const end = async () => {
    await address.lead(undefined);
    await running?.stop('SIGKILL');
    running = undefined;
  };
  const run = async (pod: UnrunPod) => {
    if (running && revisionOf(pod) === revision) return;
    await end();
    revision = revisionOf(pod);
    const kubeconfig = await file('webhook.kubeconfig', await webhookKubeconfig(cluster));
    running = await startPodrole(argumentsOf(pod, kubeconfig), {
      from: 'bundle',
      env: await settingsOf(cluster, pod),
    });
    const isServing = async () => (await fetch(`http://127.0.0.1:${METRICS_PORT}/readyz`)).ok;
    await waitFor(isServing, 'webhook ready', READY_TIMEOUT_MS);
    await address.lead(PORT);
  };
  return {
    async start(pod) {
      if (!isWebhook(pod)) return;
      isHung = false;
      await run(pod);
    },
    async follow(pods) {
      const newest = pods
        .filter((each) => isReady(each) && isWebhook(each))
        .toSorted(byAge)
        .at(-1);
      if (!newest) await end();
      else if (!isHung) await run(newest);
    },
    async hang() {
      isHung = true;
      await end();
    },
    resume() {
      isHung = false;
    },
    async stop() {
      await end();
      await address.stop();
    },
  };
}

function isWebhook({ metadata: { namespace, labels = {} } }: UnrunPod): boolean {
  return namespace === WEBHOOK_NAMESPACE && labels[COMPONENT] === 'webhook';
}

function revisionOf({ metadata }: UnrunPod): string {
  return metadata.labels?.['pod-template-hash'] ?? '';
}

/** The last one is the newest. */
function byAge({ metadata: one }: UnrunPod, { metadata: other }: UnrunPod): number {
  const [key, otherKey] = [one, other].map((each) => `${each.creationTimestamp} ${each.uid}`);
  return String(key) < String(otherKey) ? -1 : 1;
}

interface WebhookContainer {
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name: string } }[];
}

function argumentsOf({ spec }: UnrunPod, kubeconfig: string): string[] {
  const [container] = spec.containers as readonly WebhookContainer[];
  return [...(container?.args ?? []), '--kubeconfig', kubeconfig, '--shutdown-delay=0s'];
}

/** Returns the variables of the container, as kubelet would set them. */
async function settingsOf(
  cluster: Pick<ControlPlane, 'request'>,
  { spec }: UnrunPod,
): Promise<Record<string, string>> {
  const [container] = spec.containers as readonly WebhookContainer[];
  const maps = (container?.envFrom ?? []).flatMap(({ configMapRef }) => configMapRef?.name ?? []);
  const data = await Promise.all(
    maps.map(async (name) => {
      const path = `/api/v1/namespaces/${WEBHOOK_NAMESPACE}/configmaps/${name}`;
      return (
        ((await expectSuccess(cluster, 'GET', path)).body as { data?: Record<string, string> }).data ?? {}
      );
    }),
  );
  const plain = (container?.env ?? []).flatMap(({ name, value }) =>
    value === undefined ? [] : [[name, value]],
  );
  return Object.assign({}, ...data, { PODROLE_NAMESPACE: WEBHOOK_NAMESPACE }, Object.fromEntries(plain));
}
