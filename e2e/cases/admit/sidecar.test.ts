import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { waitFor } from '../../../testing/wait-for.ts';
import { createNamespace } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { expectRole } from '../../setup/aws/expect-identity.ts';
import {
  containerOf,
  createPod,
  createServiceAccount,
  dryRunPod,
  environmentOf,
  IMAGE,
  listPods,
  podManifest,
  podsIn,
  RESTRICTED,
  type StoredPod,
} from '../../setup/pods/pods.ts';
import { runPodrole } from '../../setup/run-podrole.ts';
import { prepareWebhook, registeredLike } from '../../setup/webhook/webhook-site.ts';

/** Pods with the sidecar, as a real API server accepts, refuses and stores them. */
const ROLE = 'arn:aws:iam::111122223333:role/shop-web';
const SIDECAR_IMAGE = 'example.test/podrole:1';
const SIDECAR = 'podrole.dev/sidecar';
const URI = 'http://127.0.0.1:9911/v1/credentials/$(PODROLE_POD_UID)';
const SPEC = {
  serviceAccountName: 'web',
  initContainers: [{ name: 'migrate', image: IMAGE, securityContext: RESTRICTED }],
  containers: [{ name: 'app', image: IMAGE, securityContext: RESTRICTED }],
};

const cluster = await startControlPlane({ issuer: 'https://oidc.example.test' });
after(() => cluster.stop());
const site = await prepareWebhook(cluster);
after(() => site.stop());
await site.start(['--sidecar-image', SIDECAR_IMAGE]);
await site.register('shop');
for (const level of ['baseline', 'restricted']) {
  await createNamespace(cluster, level, {
    ...registeredLike('shop'),
    'pod-security.kubernetes.io/enforce': level,
  });
}
for (const namespace of ['shop', 'baseline', 'restricted']) {
  await createServiceAccount(cluster, namespace, 'web', ROLE, { [SIDECAR]: 'credentials' });
}

test('Pod Security "restricted" accepts the pods of a Deployment with the sidecar for credentials', async () => {
  const template = { metadata: { labels: { app: 'web' } }, spec: SPEC };
  const spec = { selector: { matchLabels: { app: 'web' } }, template };
  await apply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'restricted' },
    spec,
  });
  const pod = await podLabelled('restricted', 'app=web');
  assert.deepEqual(initContainersOf(pod), ['podrole-sidecar', 'migrate']);
  for (const name of ['migrate', 'app']) {
    expectRole(pod, name, ROLE);
    assert.equal(environmentOf(pod, name)['AWS_CONTAINER_CREDENTIALS_FULL_URI'], URI);
  }
  expectRole(pod, 'podrole-sidecar', ROLE);
  assert.equal(environmentOf(pod, 'podrole-sidecar')['AWS_CONTAINER_CREDENTIALS_FULL_URI'], undefined);
});

test('the sidecar for metadata needs a namespace that allows NET_ADMIN', async () => {
  const details = { annotations: { [SIDECAR]: 'metadata' }, spec: SPEC };
  for (const level of ['baseline', 'restricted']) {
    const manifest = podManifest(level, 'web', { name: 'refused', ...details });
    const { status, body } = await cluster.request('POST', podsIn(level), manifest);
    assert.equal(status, 403);
    const { message } = body as { message: string };
    assert.match(message, new RegExp(`violates PodSecurity "${level}:.*podrole-redirect.*NET_ADMIN`));
    assert.doesNotMatch(message, /podrole-sidecar/);
  }
  const pod = await createPod(cluster, 'shop', 'web', { name: 'metadata', ...details });
  assert.deepEqual(initContainersOf(pod), ['podrole-redirect', 'podrole-sidecar', 'migrate']);
});

test('a pod on the host network is created without the sidecar, and kubectl shows the reason', async () => {
  const spec = { ...SPEC, hostNetwork: true };
  const annotations = { [SIDECAR]: 'metadata' };
  const { stderr } = await apply(podManifest('shop', 'web', { name: 'node', annotations, spec }));
  assert.match(stderr, /Warning: Pod shop\/node: .*hostNetwork.* only web identity; /);
  const pod = await dryRunPod(cluster, 'shop', 'web', { annotations, spec });
  assert.deepEqual(initContainersOf(pod), ['migrate']);
  expectRole(pod, 'app', ROLE);
  assert.equal(environmentOf(pod, 'app')['AWS_CONTAINER_CREDENTIALS_FULL_URI'], undefined);
});

test('a Windows pod is accepted with the sidecar for credentials', async () => {
  const spec = { os: { name: 'windows' }, containers: [{ name: 'app', image: IMAGE }] };
  const pod = await dryRunPod(cluster, 'shop', 'web', { annotations: { [SIDECAR]: 'metadata' }, spec });
  assert.deepEqual(initContainersOf(pod), ['podrole-sidecar']);
});

test('server-side apply accepts the output of podrole inject, and the webhook updates it', async () => {
  const manifest = podManifest('shop', 'web', { name: 'from-git', spec: SPEC });
  const account = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      name: 'web',
      namespace: 'shop',
      annotations: { 'eks.amazonaws.com/role-arn': ROLE, [SIDECAR]: 'metadata' },
    },
  };
  const file = await site.file('pod.yaml', JSON.stringify(manifest));
  const accounts = await site.file('account.yaml', JSON.stringify(account));
  const { code, stdout, stderr } = await runPodrole(
    ['inject', '-f', file, '--service-accounts', accounts, '--sidecar-image', 'example.test/podrole:git'],
    {},
  );
  assert.equal(code, 0, stderr);
  const written: StoredPod = JSON.parse(stdout);
  assert.deepEqual(initContainersOf(written), ['podrole-redirect', 'podrole-sidecar', 'migrate']);

  const dryRun = ['apply', '--server-side', '--dry-run=server', '-o', 'json', '-f', '-'];
  const applied = await cluster.kubectl(dryRun, { input: stdout });
  assert.equal(applied.code, 0, applied.stderr);

  // The cluster's ServiceAccount requests credentials, and the webhook has another image: the recorded parts
  // change with them.
  const stored: StoredPod = JSON.parse(applied.stdout);
  assert.deepEqual(initContainersOf(stored), ['podrole-sidecar', 'migrate']);
  assert.equal((containerOf(stored, 'podrole-sidecar') as { image?: string }).image, SIDECAR_IMAGE);
});

function initContainersOf({ spec }: StoredPod): string[] {
  return (spec.initContainers ?? []).map(({ name }) => name);
}

async function apply(manifest: object): Promise<{ stderr: string }> {
  const { code, stderr } = await cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(manifest) });
  assert.equal(code, 0, stderr);
  return { stderr };
}

function podLabelled(namespace: string, label: string): Promise<StoredPod> {
  return waitFor(
    async () => (await listPods(cluster, namespace, label))[0],
    `pod with label ${label} in namespace ${namespace}`,
  );
}
