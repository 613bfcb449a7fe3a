import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { waitFor } from '../../../testing/wait-for.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { expectNoRole, expectRole } from '../../setup/aws/expect-identity.ts';
import {
  annotateServiceAccount,
  createPod,
  createServiceAccount,
  dryRunPod,
  environmentOf,
} from '../../setup/pods/pods.ts';
import { startFreezingProxy } from '../../setup/proxies/freezing-proxy.ts';
import { prepareWebhook, WEBHOOK_PORT, type Webhook } from '../../setup/webhook/webhook-site.ts';

/** The watch after the loss of its connection. */
const ROLE = 'arn:aws:iam::111122223333:role/watched';
const API_SERVER_PORT = 6_443;
const PROXIED_PORT = WEBHOOK_PORT + 1;
/** The webhook gives up a silent watch after the resync period and ten seconds. */
const RESYNC = '1s';
const NEW_PODS = 50;

const cluster = await startControlPlane({ issuer: 'https://oidc.example.test' });
after(() => cluster.stop());
const site = await prepareWebhook(cluster);
after(() => site.stop());
const proxy = await startFreezingProxy(API_SERVER_PORT);
after(() => proxy.stop());
const [webhook, proxied] = await Promise.all([
  site.start(),
  site.start([`--kube-api=https://127.0.0.1:${proxy.port}`, `--resync-period=${RESYNC}`], {
    port: PROXIED_PORT,
    metricsPort: 9_998,
  }),
]);
await Promise.all([site.register('direct'), site.register('proxied', { port: PROXIED_PORT })]);

test('a silent watch is given up, and changes in the meantime become known', async (t) => {
  await createServiceAccount(cluster, 'proxied', 'web');
  expectNoRole(await createPod(cluster, 'proxied', 'web'), 'app');
  t.diagnostic(`connections frozen: ${proxy.freeze()}`);
  await expectKnownByWatch(t, proxied, 'proxied', 'web');
});

test(`while the watch is silent, ${NEW_PODS} new ServiceAccounts are looked up, and none is missed`, async () => {
  const before = await proxied.metric('podrole_live_lookups_total');
  proxy.freeze();
  for (let number = 0; number < NEW_PODS; number += 1) {
    await createServiceAccount(cluster, 'proxied', `new-${number}`, ROLE);
    expectRole(await createPod(cluster, 'proxied', `new-${number}`), 'app', ROLE);
  }
  assert.equal((await proxied.metric('podrole_live_lookups_total')) - before, NEW_PODS);
});

test('after a restart of the API server the watch reports new changes', async (t) => {
  await createServiceAccount(cluster, 'direct', 'web');
  expectNoRole(await createPod(cluster, 'direct', 'web'), 'app');
  await cluster.stopApiServer();
  await cluster.startApiServer();
  await expectKnownByWatch(t, webhook, 'direct', 'web');
});

/**
 * Annotates a ServiceAccount that the watch knows, so that it is not looked up, and waits until its pods get
 * the role.
 */
async function expectKnownByWatch(
  t: TestContext,
  through: Webhook,
  namespace: string,
  name: string,
): Promise<void> {
  const count = () =>
    Promise.all(
      ['podrole_live_lookups_total', 'podrole_watch_lists_total'].map((metric) => through.metric(metric)),
    );
  const [lookups, lists = 0] = await count();
  await annotateServiceAccount(cluster, namespace, name, ROLE);
  const began = performance.now();
  const hasRole = async () =>
    environmentOf(await dryRunPod(cluster, namespace, name), 'app')['AWS_ROLE_ARN'] === ROLE;
  await waitFor(hasRole, `the annotation of ${namespace}/${name}`, 60_000);
  t.diagnostic(`known after ${Math.round(performance.now() - began)} ms`);
  expectRole(await createPod(cluster, namespace, name, { name: 'after' }), 'app', ROLE);
  const [lookupsAfter, listsAfter = 0] = await count();
  assert.equal(lookupsAfter, lookups, 'live look-ups');
  t.diagnostic(`lists needed: ${listsAfter - lists}`);
}
