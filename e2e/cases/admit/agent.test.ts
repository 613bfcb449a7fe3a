import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createNamespace, expectSuccess } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { expectNoRole, expectRole, TOKEN_MOUNT_PATH, tokenOf } from '../../setup/aws/expect-identity.ts';
import {
  containerOf,
  createPod,
  createServiceAccount,
  dryRunPod,
  environmentOf,
  IMAGE,
  podManifest,
  podsIn,
  RESTRICTED,
  readPod,
  type StoredPod,
} from '../../setup/pods/pods.ts';
import { runPodrole } from '../../setup/run-podrole.ts';
import { prepareWebhook, registeredLike } from '../../setup/webhook/webhook-site.ts';

/** Pods that the agent of their node serves, as a real API server accepts, refuses and stores them. */
const ROLE = 'arn:aws:iam::111122223333:role/shop-web';
const PHP_ROLE = 'arn:aws:iam::111122223333:role/shop-php';
const TARGET = 'arn:aws:iam::444455556666:role/shared';
const SIDECAR = 'podrole.dev/sidecar';
const TARGET_KEY = 'podrole.dev/target-role-arn';
const AGENT_MOUNT = '/var/run/secrets/podrole.dev/agent';
const FLAGS = ['--sidecar-image', 'example.test/podrole:1', '--cluster-name', 'e2e'];
const SPEC = {
  initContainers: [{ name: 'migrate', image: IMAGE, securityContext: RESTRICTED }],
  containers: ['app', 'php'].map((name) => ({ name, image: IMAGE, securityContext: RESTRICTED })),
};

const cluster = await startControlPlane({ issuer: 'https://oidc.example.test' });
after(() => cluster.stop());
const site = await prepareWebhook(cluster);
after(() => site.stop());
await site.start([...FLAGS, '--sidecar-default', 'agent']);
await site.register('shop');
await createNamespace(cluster, 'restricted', {
  ...registeredLike('shop'),
  'pod-security.kubernetes.io/enforce': 'restricted',
});
for (const namespace of ['shop', 'restricted']) await createServiceAccount(cluster, namespace, 'web', ROLE);
const account = (name: string, annotations: Record<string, string>) =>
  createServiceAccount(cluster, 'shop', name, ROLE, annotations);
await account('asks', { [SIDECAR]: 'agent' });
await account('split', { 'podrole.dev/container-roles': `php=${PHP_ROLE}` });
await account('chained', { [TARGET_KEY]: TARGET });
await account('chained-sidecar', { [SIDECAR]: 'metadata', [TARGET_KEY]: TARGET });
await account('chained-off', { [SIDECAR]: 'none', [TARGET_KEY]: TARGET });

/** Asserts that the agent can serve a container, and returns the audience of the token that it shows. */
function expectServed(pod: StoredPod, container: string, role: string, target?: string): string | undefined {
  const { env = [], volumeMounts = [] } = containerOf(pod, container);
  const names = env.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length, `a variable of ${container} stands twice: ${names}`);
  const variables = environmentOf(pod, container);
  assert.deepEqual(
    [variables['AWS_ROLE_ARN'], variables['PODROLE_TOKEN_FILE'], variables['PODROLE_TARGET_ROLE_ARN']],
    [role, `${TOKEN_MOUNT_PATH}/token`, target],
  );
  assert.equal(variables['AWS_WEB_IDENTITY_TOKEN_FILE'], undefined);
  assert.equal(variables['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'], '/v1/credentials');
  assert.equal(variables['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'], `${AGENT_MOUNT}/token`);
  const volumeAt = (path: string) => volumeMounts.find(({ mountPath }) => mountPath === path)?.name;
  assert.match(tokenOf(pod, volumeAt(TOKEN_MOUNT_PATH)).audience ?? '', /^sts\.amazonaws\.com/);
  return tokenOf(pod, volumeAt(AGENT_MOUNT)).audience;
}

function containersIn({ spec }: StoredPod): string[] {
  return [...(spec.initContainers ?? []), ...spec.containers].map(({ name }) => name);
}

test('Pod Security "restricted" accepts a pod that the agent serves, by the setting alone', async () => {
  const pod = await createPod(cluster, 'restricted', 'web', { name: 'served', spec: SPEC });
  assert.deepEqual(containersIn(pod), ['migrate', 'app', 'php']);
  for (const name of containersIn(pod)) {
    assert.equal(expectServed(pod, name, ROLE), 'podrole.dev/agent');
  }
});

test('the annotation means the same, and none turns it off', async () => {
  const served = await dryRunPod(cluster, 'shop', 'asks');
  assert.equal(expectServed(served, 'app', ROLE), 'podrole.dev/agent');
  const off = await dryRunPod(cluster, 'shop', 'asks', { annotations: { [SIDECAR]: 'none' } });
  expectRole(off, 'app', ROLE);
  assert.equal(environmentOf(off, 'app')['PODROLE_TOKEN_FILE'], undefined);
  const sidecar = await dryRunPod(cluster, 'shop', 'web', { annotations: { [SIDECAR]: 'credentials' } });
  assert.deepEqual(containersIn(sidecar), ['podrole-sidecar', 'app']);
});

test('a container with a role of its own shows a token that no other container has', async () => {
  const pod = await createPod(cluster, 'shop', 'split', { name: 'split', spec: SPEC });
  assert.equal(expectServed(pod, 'app', ROLE), 'podrole.dev/agent');
  assert.equal(expectServed(pod, 'php', PHP_ROLE), 'podrole.dev/agent/php');
});

test('on the network of the node the pod gets web identity, and with a target role nothing', async () => {
  const spec = { ...SPEC, hostNetwork: true };
  const { stderr } = await cluster.kubectl(['apply', '-f', '-'], {
    input: JSON.stringify(podManifest('shop', 'web', { name: 'node', spec })),
  });
  assert.match(
    stderr,
    /Warning: Pod shop\/node: --sidecar-default is agent, .*hostNetwork.* only web identity; /,
  );
  expectRole(await readPod(cluster, 'shop', 'node'), 'app', ROLE);
  expectNoRole(await dryRunPod(cluster, 'shop', 'chained', { spec }), 'app');
});

test('a target role is named to the agent or the sidecar, and never given to an SDK without them', async () => {
  const served = await createPod(cluster, 'shop', 'chained', { name: 'chained', spec: SPEC });
  assert.equal(expectServed(served, 'app', ROLE, TARGET), 'podrole.dev/agent');
  const bySidecar = await createPod(cluster, 'shop', 'chained-sidecar', { name: 'by-sidecar', spec: SPEC });
  expectRole(bySidecar, 'podrole-sidecar', ROLE);
  const ofSidecar = environmentOf(bySidecar, 'podrole-sidecar');
  assert.deepEqual(
    [ofSidecar['PODROLE_TARGET_ROLE_ARN'], ofSidecar['PODROLE_CLUSTER_NAME']],
    [TARGET, 'e2e'],
  );
  const ofApp = environmentOf(bySidecar, 'app');
  assert.deepEqual(
    [ofApp['PODROLE_TARGET_ROLE_ARN'], ofApp['AWS_ROLE_ARN'], ofApp['AWS_WEB_IDENTITY_TOKEN_FILE']],
    [TARGET, undefined, undefined],
  );
  expectNoRole(await dryRunPod(cluster, 'shop', 'chained-off', { spec: SPEC }), 'app');
});

test('an ephemeral container gets what its pod has', async () => {
  assert.equal(expectServed(await debugged('chained'), 'debug', ROLE, TARGET), 'podrole.dev/agent');
  // This pod has no token for an agent.
  await createPod(cluster, 'shop', 'asks', { name: 'older', annotations: { [SIDECAR]: 'none' }, spec: SPEC });
  expectRole(await debugged('older'), 'debug', ROLE);
});

async function debugged(name: string): Promise<StoredPod> {
  const patch = { spec: { ephemeralContainers: [{ name: 'debug', image: IMAGE }] } };
  await expectSuccess(cluster, 'PATCH', `${podsIn('shop')}/${name}/ephemeralcontainers`, patch);
  return readPod(cluster, 'shop', name);
}

test('updates of a served pod change nothing of it, and applying its manifest again neither', async () => {
  const before = await readPod(cluster, 'shop', 'split');
  const labels = { metadata: { labels: { team: 'shop' } } };
  await expectSuccess(cluster, 'PATCH', `${podsIn('shop')}/split`, labels);
  assert.deepEqual((await readPod(cluster, 'shop', 'split')).spec, before.spec);
  const manifest = JSON.stringify(podManifest('shop', 'web', { name: 'applied', spec: SPEC }));
  for (const expected of [/created/, /unchanged/]) {
    const { code, stdout, stderr } = await cluster.kubectl(['apply', '-f', '-'], { input: manifest });
    assert.equal(code, 0, stderr);
    assert.match(stdout, expected);
  }
});

test('the webhook brings a manifest from Git up to date: agent, then sidecar, then web identity', async () => {
  const annotations = { 'eks.amazonaws.com/role-arn': ROLE };
  const accounts = await site.file(
    'accounts.yaml',
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'web', namespace: 'shop', annotations },
    }),
  );
  const file = await site.file(
    'pod.yaml',
    JSON.stringify(podManifest('shop', 'web', { name: 'git', spec: SPEC })),
  );
  const args = ['inject', '-f', file, '--service-accounts', accounts, '--sidecar-default', 'agent'];
  const { code, stdout, stderr } = await runPodrole(args, {});
  assert.equal(code, 0, stderr);
  const written = JSON.parse(stdout);
  expectServed(written, 'app', ROLE);
  const stored = async (mode: string) => {
    written.metadata.annotations[SIDECAR] = mode;
    const dryRun = ['apply', '--server-side', '--dry-run=server', '-o', 'json', '-f', '-'];
    const applied = await cluster.kubectl(dryRun, { input: JSON.stringify(written) });
    assert.equal(applied.code, 0, applied.stderr);
    return JSON.parse(applied.stdout) as StoredPod;
  };
  expectServed(await stored('agent'), 'app', ROLE);
  const bySidecar = await stored('credentials');
  assert.deepEqual(containersIn(bySidecar), ['podrole-sidecar', 'migrate', 'app', 'php']);
  for (const pod of [bySidecar, await stored('none')]) {
    expectRole(pod, 'app', ROLE);
    assert.equal(environmentOf(pod, 'app')['PODROLE_TOKEN_FILE'], undefined);
    assert.ok(!JSON.stringify(pod.spec.volumes).includes('podrole-agent-token'));
  }
});
