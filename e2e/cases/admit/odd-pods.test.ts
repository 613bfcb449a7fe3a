import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { expectSuccess } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { expectRole, TOKEN_MOUNT_PATH } from '../../setup/aws/expect-identity.ts';
import {
  annotateServiceAccount,
  createPod,
  createServiceAccount,
  environmentOf,
  IMAGE,
  podsIn,
  readPod,
} from '../../setup/pods/pods.ts';
import { prepareWebhook } from '../../setup/webhook/webhook-site.ts';

/** Pods of which the API server accepts less, or more, than of others. */
const ROLE = 'arn:aws:iam::111122223333:role/shop-web';
const TOKEN_VOLUME = {
  name: 'aws-iam-token',
  projected: { sources: [{ serviceAccountToken: { audience: 'sts.amazonaws.com', path: 'token' } }] },
};

const cluster = await startControlPlane({ issuer: 'https://oidc.example.test' });
after(() => cluster.stop());
const site = await prepareWebhook(cluster);
after(() => site.stop());
await site.start(['--sidecar-image', 'example.test/podrole:1']);
await site.register('shop');
await createServiceAccount(cluster, 'shop', 'web', ROLE);
await annotateServiceAccount(cluster, 'shop', 'default', ROLE);

/** A pod as kubelet shows a static pod to the API server. */
const mirror = (name: string, spec: object = {}, annotations: object = {}) => ({
  metadata: { name, annotations: { 'kubernetes.io/config.mirror': '0123', ...annotations } },
  spec: { nodeName: 'node-1', containers: [{ name: 'app', image: IMAGE }], ...spec },
});

test('a mirror pod is stored as it is, although its namespace gives others a role by default', async () => {
  await expectSuccess(cluster, 'POST', podsIn('shop'), {
    metadata: { name: 'usual' },
    spec: { containers: [{ name: 'app', image: IMAGE }] },
  });
  expectRole(await readPod(cluster, 'shop', 'usual'), 'app', ROLE);

  await expectSuccess(cluster, 'POST', podsIn('shop'), mirror('static'));
  await expectSuccess(
    cluster,
    'POST',
    podsIn('shop'),
    mirror('with-sidecar', {}, { 'podrole.dev/sidecar': 'credentials' }),
  );
  for (const name of ['static', 'with-sidecar']) {
    const { spec } = await readPod(cluster, 'shop', name);
    assert.deepEqual([spec.volumes ?? [], spec.initContainers ?? []], [[], []]);
  }
});

test('the API server would refuse a mirror pod with the token volume, or with a ServiceAccount', async () => {
  for (const spec of [{ volumes: [TOKEN_VOLUME] }, { serviceAccountName: 'web' }]) {
    const { status, body } = await cluster.request('POST', podsIn('shop'), mirror('refused', spec));
    assert.equal(status, 403, JSON.stringify(body));
    assert.match(JSON.stringify(body), /a mirror pod may not/);
  }
});

test('os.name decides about Windows, also against the node selector, which the API server accepts', async () => {
  const windows = await createPod(cluster, 'shop', 'web', {
    name: 'windows',
    annotations: { 'podrole.dev/sidecar': 'credentials' },
    spec: { os: { name: 'windows' } },
  });
  const tokenFile = `${TOKEN_MOUNT_PATH}/token`;
  const fileIn = (pod: typeof windows) => environmentOf(pod, 'app')['AWS_WEB_IDENTITY_TOKEN_FILE'];
  assert.equal(fileIn(windows), `C:${tokenFile.replaceAll('/', '\\')}`);

  const linux = await createPod(cluster, 'shop', 'web', {
    name: 'linux',
    spec: { os: { name: 'linux' }, nodeSelector: { 'kubernetes.io/os': 'windows' } },
  });
  assert.equal(fileIn(linux), tokenFile);
});

test('a pod with a mount below the token, or a volume of its own for it, is stored', async () => {
  const volumeMounts = [{ name: 'data', mountPath: `${TOKEN_MOUNT_PATH}/token`, subPath: 'token' }];
  const pod = await createPod(cluster, 'shop', 'web', {
    name: 'odd-mounts',
    spec: {
      containers: [{ name: 'app', image: IMAGE, volumeMounts }],
      volumes: [
        { name: 'data', emptyDir: {} },
        { ...TOKEN_VOLUME, projected: { sources: [{ serviceAccountToken: { path: 'jwt' } }] } },
      ],
    },
  });
  assert.equal(environmentOf(pod, 'app')['AWS_ROLE_ARN'], ROLE);
});
