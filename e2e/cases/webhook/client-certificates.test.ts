import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { reviewOf } from '../../../testing/admission/admission.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { expectRole } from '../../setup/aws/expect-identity.ts';
import { commandsOf, runCommands } from '../../setup/install/page-commands.ts';
import { createPod, createServiceAccount, podManifest, podsIn, readPod } from '../../setup/pods/pods.ts';
import {
  prepareWebhook,
  WEBHOOK_HOST,
  WEBHOOK_PORT,
  type Webhook,
} from '../../setup/webhook/webhook-site.ts';

/**
 * The API server presents a client certificate to the webhook, with the files of docs/client-certificates.md;
 * all others are refused.
 */
const ROLE = 'arn:aws:iam::111122223333:role/shop-web';
const BINDING = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/podrole-webhook';

const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-client-certificates-'));
after(() => rm(folder, { recursive: true }));
const made = await runCommands(await commandsOf('client-certificates.md'), { folder, kubeconfig: '' });
assert.equal(made.code, 0, made.stderr);
const at = (name: string) => path.join(folder, 'webhook-client', name);
await replaceIn('admission.yaml', '/etc/kubernetes/webhook-client', path.join(folder, 'webhook-client'));
// Without nodes the webhook is registered by URL, at a port other than 443.
await replaceIn('kubeconfig', WEBHOOK_HOST, `${WEBHOOK_HOST}:${WEBHOOK_PORT}`);

const cluster = await startControlPlane({
  issuer: 'https://oidc.example.test',
  extraApiServerFlags: [`--admission-control-config-file=${at('admission.yaml')}`],
});
after(() => cluster.stop());
const site = await prepareWebhook(cluster);
after(() => site.stop());
const guard = ['--client-ca', at('ca.crt'), '--client-name'];
let webhook: Webhook = await site.start([...guard, 'kube-apiserver']);
await site.register('shop');
await createServiceAccount(cluster, 'shop', 'web', ROLE);

async function replaceIn(name: string, from: string, to: string): Promise<void> {
  const content = await readFile(at(name), 'utf8');
  assert.ok(content.includes(from));
  await writeFile(at(name), content.replaceAll(from, to));
}

/** Sends a review as a client other than the API server; returns the status of the answer. */
async function reviewBy(client: {
  readonly cert?: string;
  readonly key?: string;
}): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  request(
    {
      ...{
        host: '127.0.0.1',
        port: WEBHOOK_PORT,
        servername: WEBHOOK_HOST,
        ca: site.authority.cert,
        agent: false,
      },
      ...{ path: '/mutate', method: 'POST', headers: { 'Content-Type': 'application/json' }, ...client },
    },
    (answer) => resolve(answer.resume().statusCode),
  )
    .on('error', reject)
    .end(JSON.stringify(reviewOf(podManifest('shop', 'web') as Parameters<typeof reviewOf>[0])));
  return promise;
}

test('pods get their role, and a stranger gets no answer', async () => {
  expectRole(await createPod(cluster, 'shop', 'web'), 'app', ROLE);
  const stranger = await cluster.authority.issue(['kube-apiserver']);
  await assert.rejects(reviewBy({}));
  await assert.rejects(reviewBy(stranger));
  const [cert, key] = await Promise.all([
    readFile(at('client.crt'), 'utf8'),
    readFile(at('client.key'), 'utf8'),
  ]);
  assert.equal(await reviewBy({ cert, key }), 200);
});

test('a caller with another name is refused, and so is its pod', async () => {
  await webhook.stop();
  webhook = await site.start([...guard, 'somebody-else']);
  const refusal = await cluster.request(
    'POST',
    podsIn('shop'),
    podManifest('shop', 'web', { name: 'refused' }),
  );
  assert.match(JSON.stringify(refusal.body), /failed calling webhook/);
});

test('the API server repeats a review that could not be decided, and the pod gets its role', async () => {
  await webhook.stop();
  webhook = await site.start([...guard, 'kube-apiserver', '--live-lookup', 'always']);
  const { roleRef, subjects } = (await expectSuccess(cluster, 'GET', BINDING)).body as Record<string, object>;
  await expectSuccess(cluster, 'DELETE', BINDING);
  const failed = webhook.line(({ msg }) => msg === 'review failed');
  const names: string[] = [];
  const creations: Promise<unknown>[] = [];
  // The authorizer notices the change a moment later: until then pods are still patched.
  const isFailed = failed.then(() => true);
  while (!(await Promise.race([isFailed, false]))) {
    const name = `again-${names.length}`;
    names.push(name);
    const creation = expectSuccess(cluster, 'POST', podsIn('shop'), podManifest('shop', 'web', { name }));
    creations.push(creation);
    await Promise.race([creation, isFailed]);
  }
  await expectSuccess(cluster, 'POST', BINDING.slice(0, BINDING.lastIndexOf('/')), {
    metadata: { name: 'podrole-webhook' },
    roleRef,
    subjects,
  });
  await Promise.all(creations);
  for (const name of names) expectRole(await readPod(cluster, 'shop', name), 'app', ROLE);
});
