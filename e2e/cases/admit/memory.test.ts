import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { mapLimited } from '../../../bind/facts/map-limited.ts';
import { onlyObject, readObjects } from '../../../testing/manifest-files.ts';
import { launchOf } from '../../../testing/processes/image-launcher.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import { createNamespace, expectSuccess } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { expectNoRole, expectRole } from '../../setup/aws/expect-identity.ts';
import {
  annotateServiceAccount,
  createPod,
  createServiceAccount,
  dryRunPod,
  environmentOf,
  podManifest,
  podsIn,
  type StoredPod,
} from '../../setup/pods/pods.ts';
import { MIB, makeMemoryCgroup } from '../../setup/webhook/memory-cgroup.ts';
import { prepareWebhook, registeredLike } from '../../setup/webhook/webhook-site.ts';

/**
 * ServiceAccounts that tenants have filled, and the webhook with its memory limit. Kubernetes streams
 * the list, 1.29 sends it in pages.
 */
const ROLE = 'arn:aws:iam::111122223333:role/honest';
const OTHER_ROLE = 'arn:aws:iam::111122223333:role/changed';
const FLOOD = 1_000;
const UPDATES = 200;
/** An API server accepts 256 KiB of annotations on one object. */
const ANNOTATION_BYTES = 250 * 1024;
/**
 * JSON needs six bytes for each of them, and seven more in managedFields: the line of such an object has some
 * 8 MB.
 */
const ESCAPED_BYTES = 600 * 1024;
/** Each needs some four bytes in etcd, and fifty in the memory of a parser. */
const EMPTY_MEMBERS = 300_000;
const AT_ONCE = 8;
const ACCOUNTS = '/api/v1/namespaces/flood/serviceaccounts';

const cluster = await startControlPlane({ issuer: 'https://oidc.example.test' });
after(() => cluster.stop());
const site = await prepareWebhook(cluster);
const limitBytes = memoryLimit();
const cgroup = makeMemoryCgroup('webhook', limitBytes);
after(async () => {
  await site.stop();
  await cgroup.remove();
});
const start = () => site.start([], { wrapper: cgroup.wrapper, nodeArgs: launchOf('webhook').options });

const filled = (letter: string) => letter.repeat(ANNOTATION_BYTES);
await createNamespace(cluster, 'flood', registeredLike('shop'));
await createFlood();
let webhook = await start();
await site.register('shop');
await createServiceAccount(cluster, 'shop', 'web', ROLE);

test(`with ${FLOOD} full ServiceAccounts the webhook becomes ready and knows the honest one`, async (t) => {
  t.diagnostic(`peak ${cgroup.peakMiB()} MiB of ${limitBytes / MIB}, then ${cgroup.usedMiB()} MiB`);
  assert.ok((await webhook.metric('podrole_service_accounts', '{state="known"}')) > FLOOD);
  await waitFor(knowsRole(ROLE), 'the role of shop/web');
  expectRole(await createPod(cluster, 'shop', 'web'), 'app', ROLE);
  expectNoRole(await createPod(cluster, 'flood', 'full-0'), 'app');
});

test('the role of a full ServiceAccount is found; one that is too long is ignored with a warning', async () => {
  await createServiceAccount(cluster, 'flood', 'role', ROLE, { 'example.com/x': filled('x') });
  expectRole(await createPod(cluster, 'flood', 'role'), 'app', ROLE);
  await createServiceAccount(cluster, 'flood', 'long', `${ROLE}${filled('x')}`);
  const answer = await expectSuccess(cluster, 'POST', podsIn('flood'), podManifest('flood', 'long'));
  expectNoRole(answer.body as StoredPod, 'app');
  assert.match(answer.warnings.join(), /role-arn is "arn:aws:[^"]*", not a role ARN, and was not injected/);
});

test(`the watch survives ${UPDATES} updates of them`, async (t) => {
  const change = { metadata: { annotations: { 'podrole.dev/x': filled('y') } } };
  const paths = Array.from({ length: UPDATES }, (_, index) => `${ACCOUNTS}/full-${index}`);
  await mapLimited(paths, AT_ONCE, (path) => expectSuccess(cluster, 'PATCH', path, change));
  const lookups = await webhook.metric('podrole_live_lookups_total');
  await annotateServiceAccount(cluster, 'shop', 'web', OTHER_ROLE);
  await waitFor(knowsRole(OTHER_ROLE), 'the new role of shop/web');
  assert.equal(await webhook.metric('podrole_live_lookups_total'), lookups);
  t.diagnostic(`peak ${cgroup.peakMiB()} MiB, then ${cgroup.usedMiB()} MiB`);
});

test('after a restart it becomes ready again', async (t) => {
  await webhook.stop();
  webhook = await start();
  expectRole(await createPod(cluster, 'shop', 'web', { name: 'restarted' }), 'app', OTHER_ROLE);
  t.diagnostic(`peak ${cgroup.peakMiB()} MiB, then ${cgroup.usedMiB()} MiB`);
  assert.equal(cgroup.killed(), 0);
});

/** Returns the memory limit in the webhook's manifest. */
function memoryLimit(): number {
  const { spec } = onlyObject(readObjects('install.yaml'), 'Deployment', 'podrole-webhook');
  const [, mebibytes] = /^(\d+)Mi$/.exec(spec.template.spec.containers[0].resources.limits.memory) ?? [];
  return Number(mebibytes) * MIB;
}

async function createFlood(): Promise<void> {
  const annotations = { 'podrole.dev/x': filled('x') };
  const names = Array.from({ length: FLOOD }, (_, index) => `full-${index}`);
  await mapLimited(names, AT_ONCE, (name) =>
    createServiceAccount(cluster, 'flood', name, undefined, annotations),
  );
  await expectSuccess(cluster, 'POST', ACCOUNTS, {
    metadata: { name: 'escaped' },
    imagePullSecrets: [{ name: '<'.repeat(ESCAPED_BYTES) }],
  });
  await expectSuccess(cluster, 'POST', ACCOUNTS, {
    metadata: { name: 'empty-members' },
    imagePullSecrets: Array.from({ length: EMPTY_MEMBERS }, () => ({})),
  });
}

function knowsRole(role: string) {
  return async () => environmentOf(await dryRunPod(cluster, 'shop', 'web'), 'app')['AWS_ROLE_ARN'] === role;
}
