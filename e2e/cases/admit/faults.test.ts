import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { connect } from 'node:tls';
import { waitFor } from '../../../testing/wait-for.ts';
import type { AdminAnswer } from '../../cluster/admin-client.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { expectNoRole, expectRole } from '../../setup/aws/expect-identity.ts';
import {
  createPod,
  createServiceAccount,
  listPods,
  podManifest,
  podsIn,
  readPod,
} from '../../setup/pods/pods.ts';
import {
  prepareWebhook,
  WEBHOOK_HOST,
  WEBHOOK_PORT,
  type Webhook,
} from '../../setup/webhook/webhook-site.ts';

/**
 * Failures of the webhook: the failurePolicy decides, `Fail` in namespace strict, `Ignore` in namespace
 * lenient.
 */
const ROLE = 'arn:aws:iam::111122223333:role/shop-web';
const PODS = 200;
const LANES = 16;
const BINDING = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/podrole-webhook';

const cluster = await startControlPlane({ issuer: 'https://oidc.example.test' });
after(() => cluster.stop());
const site = await prepareWebhook(cluster);
after(() => site.stop());
let webhook: Webhook = await site.start();
await site.register('strict');
await site.register('lenient', { failurePolicy: 'Ignore' });
for (const namespace of ['strict', 'lenient']) await createServiceAccount(cluster, namespace, 'web', ROLE);

test(`certificate and key are replaced while ${PODS} pods are created: no pod fails, and the last pair is served`, async (t) => {
  let replaced = 0;
  let last = '';
  const failures: AdminAnswer[] = [];
  const seconds = await createMany('rolled', async (name) => {
    const answer = await create(name, 'rolled');
    if (answer.status !== 201) failures.push(answer);
    if (Number(name.split('-')[1]) % (PODS / 5) !== 0) return;
    last = await site.replaceCertificate();
    replaced += 1;
  });
  assert.deepEqual(failures, []);
  await expectAllPatched('rolled');
  assert.equal(replaced, 5);
  const served = async () => (await servedCertificate()) === new X509Certificate(last).fingerprint256;
  await waitFor(served, 'the last certificate served');
  t.diagnostic(`${PODS} pods, ${replaced} certificates: ${seconds} s`);
  expectRole(await createPod(cluster, 'strict', 'web', { name: 'after-certificate' }), 'app', ROLE);
});

test(`the webhook restarts while ${PODS} pods are created under Fail: no pod is lost or lacks its role`, async (t) => {
  let created = 0;
  let refused = 0;
  let restarted: Promise<void> | undefined;
  const restart = async () => {
    assert.equal(await webhook.stop('SIGTERM'), 0, 'exit code on SIGTERM');
    webhook = await site.start();
  };
  const seconds = await createMany('restarted', async (name) => {
    // Retries refused pods, as a controller does.
    await waitFor(async () => {
      const answer = await create(name, 'restarted');
      if (answer.status === 201) return true;
      assert.match(JSON.stringify(answer.body), /failed calling webhook/);
      refused += 1;
      return false;
    }, `pod ${name}`);
    created += 1;
    if (created === PODS / 4) restarted = restart();
  });
  await restarted;
  assert.ok(refused > 0, 'the webhook was away for a while');
  await expectAllPatched('restarted');
  t.diagnostic(`${PODS} pods in ${seconds} s, refused and tried again: ${refused}`);
});

test('while the webhook is down, Ignore admits a pod unchanged and Fail refuses it', async () => {
  assert.equal(await webhook.stop('SIGTERM'), 0);
  expectNoRole(await createPod(cluster, 'lenient', 'web', { name: 'down' }), 'app');
  const refusal = await cluster.request(
    'POST',
    podsIn('strict'),
    podManifest('strict', 'web', { name: 'down' }),
  );
  assert.equal(refusal.status, 500);
  assert.equal((await cluster.request('GET', `${podsIn('strict')}/down`)).status, 404);
});

test('a failed look-up is an error and never means "no role": Ignore admits the pod, Fail refuses it', async () => {
  webhook = await site.start(['--live-lookup=always']);
  expectRole(await createPod(cluster, 'strict', 'web', { name: 'allowed' }), 'app', ROLE);
  const binding = (await expectSuccess(cluster, 'GET', BINDING)).body as {
    roleRef: object;
    subjects: object;
  };
  await expectSuccess(cluster, 'DELETE', BINDING);

  // The authorizer notices the change a moment later: until then each pod is patched, afterwards each is
  // refused.
  let number = 0;
  const refusal = await waitFor(async () => {
    number += 1;
    const name = `forbidden-${number}`;
    const answer = await cluster.request('POST', podsIn('strict'), podManifest('strict', 'web', { name }));
    if (answer.status !== 201) return answer;
    expectRole(await readPod(cluster, 'strict', name), 'app', ROLE);
    return undefined;
  }, 'a refusal in namespace strict');
  assert.equal(refusal.status, 500);
  assert.match(JSON.stringify(refusal.body), /failed calling webhook/);
  const fault = await webhook.line(({ msg }) => msg === 'review failed');
  assert.match(JSON.stringify(fault), /LOOKUP_FAILED.*403|403.*LOOKUP_FAILED/);
  expectNoRole(await createPod(cluster, 'lenient', 'web', { name: 'forbidden' }), 'app');

  const { roleRef, subjects } = binding;
  await expectSuccess(cluster, 'POST', BINDING.slice(0, BINDING.lastIndexOf('/')), {
    metadata: { name: 'podrole-webhook' },
    roleRef,
    subjects,
  });
  const isBack = async () => {
    const answer = await create('restored', 'restored');
    return answer.status === 201;
  };
  await waitFor(isBack, 'a pod in namespace strict');
  expectRole(await readPod(cluster, 'strict', 'restored'), 'app', ROLE);
});

function create(name: string, app: string): Promise<AdminAnswer> {
  return cluster.request('POST', podsIn('strict'), podManifest('strict', 'web', { name, labels: { app } }));
}

/** Calls back for each name, in parallel lanes; returns the duration in seconds. */
async function createMany(prefix: string, one: (name: string) => Promise<void>): Promise<string> {
  const began = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < PODS) await one(`${prefix}-${next++}`);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return ((performance.now() - began) / 1_000).toFixed(1);
}

async function expectAllPatched(app: string): Promise<void> {
  const pods = await listPods(cluster, 'strict', `app=${app}`);
  assert.equal(pods.length, PODS);
  for (const pod of pods) expectRole(pod, 'app', ROLE);
}

/** Returns the fingerprint of the certificate on a new connection. */
async function servedCertificate(): Promise<string> {
  const options = {
    host: '127.0.0.1',
    port: WEBHOOK_PORT,
    servername: WEBHOOK_HOST,
    ca: site.authority.cert,
  };
  const socket = connect(options);
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}
