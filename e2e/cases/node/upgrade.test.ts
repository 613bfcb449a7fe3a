import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { expectSuccess } from '../../cluster/api-objects.ts';
import { type Installation, installPodrole } from '../../setup/install/install-podrole.ts';
import { startPodroleNodes, tagImage } from '../../setup/pods/podrole-nodes.ts';
import {
  createPodsSteadily,
  expectNoneMissed,
  prepareNamespaces,
  waitForPatches,
} from '../../setup/pods/steady-pods.ts';
import { webhookPods } from '../../setup/pods/webhook-pods.ts';

/**
 * From one version of the manifests to another and back, on two real nodes. There is no earlier release: the
 * same image with another tag, other settings and another timeout in the webhook configuration acts as one.
 */
const OLD_TAG = '0.0.9';
const NEW_TAG = '0.1.0';
const REGISTRATION = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/podrole';
const OLD_TIMEOUT = 3;
const OLD: Installation = {
  tag: OLD_TAG,
  patches: [
    {
      target: { kind: 'MutatingWebhookConfiguration' },
      patch: JSON.stringify([{ op: 'replace', path: '/webhooks/0/timeoutSeconds', value: OLD_TIMEOUT }]),
    },
  ],
};
const OLD_SETTINGS = { PODROLE_AWS_REGION: 'eu-west-1' };
const SETTINGS = { PODROLE_AWS_REGION: 'us-east-1', PODROLE_TOKEN_EXPIRATION: '3600' };
/** Forced, because defaults of the API server count as changes of the first applier. */
const SERVER_SIDE = ['--server-side', '--force-conflicts'];

const cluster = await startPodroleNodes();
after(() => cluster.stop());
await tagImage(cluster, OLD_TAG);
await prepareNamespaces(cluster);
await installPodrole(cluster, OLD_SETTINGS, OLD);
await waitForPatches(cluster);
const { caBundle } = (await readWebhooks())[0].clientConfig;
assert.ok(caBundle, 'the webhook has registered its authority');

const STEPS: readonly [what: string, installation: Installation, settings: Record<string, string>][] = [
  ['an upgrade by kubectl apply', {}, SETTINGS],
  ['a rollback', OLD, OLD_SETTINGS],
  ['an upgrade by server-side apply', { apply: SERVER_SIDE }, SETTINGS],
  ['a rollback by server-side apply', { ...OLD, apply: SERVER_SIDE }, OLD_SETTINGS],
];

for (const [what, installation, settings] of STEPS)
  test(`${what} while pods are created: no pod is refused or lacks its role`, async (t) => {
    const began = performance.now();
    const pods = createPodsSteadily(cluster, t);
    await installPodrole(cluster, settings, installation);
    t.diagnostic(`${Math.round(performance.now() - began)} ms`);
    for (const line of await pods.stop()) t.diagnostic(line);
    expectNoneMissed(pods);
    const isOld = installation.tag === OLD_TAG;
    for (const { spec } of await webhookPods(cluster))
      assert.equal(spec.containers[0]?.image, `podrole:${isOld ? OLD_TAG : NEW_TAG}`);
    const [general, required] = await readWebhooks();
    assert.equal(general.timeoutSeconds === OLD_TIMEOUT, isOld);
    assert.deepEqual([general.clientConfig.caBundle, required?.clientConfig.caBundle], [caBundle, caBundle]);
  });

interface RegisteredWebhook {
  readonly timeoutSeconds: number;
  readonly clientConfig: { readonly caBundle?: string };
}

async function readWebhooks(): Promise<[RegisteredWebhook, ...RegisteredWebhook[]]> {
  const { body } = await expectSuccess(cluster, 'GET', REGISTRATION);
  return (body as { webhooks: [RegisteredWebhook, ...RegisteredWebhook[]] }).webhooks;
}
