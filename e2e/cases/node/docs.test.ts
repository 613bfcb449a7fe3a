import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { waitFor } from '../../../testing/wait-for.ts';
import { expectNoRole, expectRole } from '../../setup/aws/expect-identity.ts';
import { commandsOf, copyCheckout, runCommands } from '../../setup/install/page-commands.ts';
import { objectNames } from '../../setup/object-names.ts';
import { startPodroleNodes } from '../../setup/pods/podrole-nodes.ts';
import { createPod, dryRunPod, environmentOf, readPod } from '../../setup/pods/pods.ts';
import {
  createPodsSteadily,
  LENIENT,
  prepareNamespaces,
  STRICT,
  waitForPatches,
} from '../../setup/pods/steady-pods.ts';
import { webhookPods } from '../../setup/pods/webhook-pods.ts';
import { installStandIn } from '../../setup/webhook/aws-webhook-stand-in.ts';

/**
 * The unchanged commands of the pages for users, on two real nodes: from the AWS webhook to podrole, then an
 * upgrade, the removal, and another installation. All pages use the same checkout.
 */
const ROLE = 'arn:aws:iam::111122223333:role/shop-web';
/**
 * Objects that a user keeps: the namespaces of the test and of the pages, and the Secret of the AWS webhook.
 */
const OWN = new RegExp(
  `^(Namespace <none> |\\S+ )(shop|${LENIENT}|${STRICT})( |$)|^Secret default pod-identity-webhook-cert$`,
);

const cluster = await startPodroleNodes();
after(() => cluster.stop());
const checkout = await copyCheckout();
after(() => checkout.remove());
const before = await objectNames(cluster);
await prepareNamespaces(cluster);
await installStandIn(cluster);

test('docs/issuer.md shows the issuer of new tokens', async () => {
  assert.match(await follow(await commandsOf('issuer.md')), /"issuer":"https:\/\/oidc\.example\.test"/);
});

test('docs/aws-webhook.md and docs/install.md: podrole replaces the AWS webhook, and no pod lacks its role', async (t) => {
  const [show = '', ...takeAway] = await commandsOf('aws-webhook.md');
  const isPatched = async () =>
    'AWS_ROLE_ARN' in environmentOf(await dryRunPod(cluster, LENIENT, 'web'), 'app');
  await waitFor(isPatched, 'the first effect of the AWS webhook');
  const pods = createPodsSteadily(cluster, t);
  assert.match(await follow([show]), /--token-audience=sts\.amazonaws\.com/);
  const began = performance.now();
  const printed = await follow(await commandsOf('install.md'));
  t.diagnostic(`docs/install.md: ${Math.round(performance.now() - began)} ms`);
  // The page shows the changes of the pod.
  assert.match(printed, new RegExp(`"AWS_ROLE_ARN","value":"${ROLE}"`));
  expectRole(await readPod(cluster, 'shop', 'web'), 'app', ROLE);
  await follow(takeAway);
  expectRole(await createPod(cluster, 'shop', 'web', { name: 'afterwards' }), 'app', ROLE);
  for (const line of await pods.stop()) t.diagnostic(line);
  for (const namespace of [LENIENT, STRICT] as const) assert.equal(pods.counts[namespace].unpatched, 0);
});

test('docs/upgrade.md changes nothing without a new version', async () => {
  const names = async () => (await webhookPods(cluster)).map(({ metadata }) => metadata.name).sort();
  const old = await names();
  const printed = await follow(await commandsOf('upgrade.md'));
  assert.doesNotMatch(printed, /^diff /m, 'kubectl diff shows nothing');
  assert.deepEqual(await names(), old);
  await waitForPatches(cluster);
});

test('docs/uninstall.md leaves nothing behind, and pods start without podrole', async (t) => {
  const began = performance.now();
  await follow(await commandsOf('uninstall.md'));
  t.diagnostic(`${Math.round(performance.now() - began)} ms`);
  const left = async () =>
    (await objectNames(cluster)).filter((name) => !before.includes(name) && !OWN.test(name));
  await waitFor(async () => (await left()).length === 0, 'a cluster as before').catch(async () => {
    assert.deepEqual(await left(), []);
  });
  const now = await objectNames(cluster);
  assert.deepEqual(
    before.filter((name) => !now.includes(name)),
    [],
    'what was there before is there still',
  );
  expectNoRole(await createPod(cluster, 'shop', 'web', { name: 'without' }), 'app');
});

test('podrole can be installed again', async () => {
  const [settings = '', apply = ''] = await commandsOf('install.md');
  await follow([settings, apply]);
  await waitForPatches(cluster);
});

/** Runs commands in one shell, as a reader does. @returns their output */
async function follow(commands: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommands(commands, {
    ...checkout,
    kubeconfig: cluster.kubeconfig,
  });
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  return stdout;
}
