import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createNamespace, expectSuccess } from '../../cluster/api-objects.ts';
import { TOKEN_MOUNT_PATH } from '../../setup/aws/expect-identity.ts';
import { APP_IMAGE, startNodeSite } from '../../setup/install/node-site.ts';
import { createPod, createServiceAccount } from '../../setup/pods/pods.ts';
import { waitForPod } from '../../setup/pods/running-pods.ts';

/** Mounts around the token, and what a node does with each: podrole warns of those that fail. */
const WEB = { namespace: 'shop', serviceAccount: 'web' };
const site = await startNodeSite(['sdk'], [WEB]);
const { cluster, aws } = site;
after(() => site.stop());
await createNamespace(cluster, 'shop');
await createServiceAccount(cluster, 'shop', 'web', aws.stsRole(WEB));
await expectSuccess(cluster, 'POST', '/api/v1/namespaces/shop/configmaps', { metadata: { name: 'conf' } });

const SDK = {
  image: APP_IMAGE.sdk,
  imagePullPolicy: 'Never',
  env: [{ name: 'AWS_ENDPOINT_URL_STS', value: aws.stsUrl }],
};
const VOLUMES = [
  { name: 'data', emptyDir: {} },
  { name: 'conf', configMap: { name: 'conf' } },
];
const FILE = `${TOKEN_MOUNT_PATH}/token`;

const CASES: [name: string, phase: 'Succeeded' | 'Failed', mount: object][] = [
  ['above-writable', 'Succeeded', { name: 'data', mountPath: '/var/run' }],
  ['above-read-only', 'Failed', { name: 'data', mountPath: '/var/run', readOnly: true }],
  ['above-prepared', 'Succeeded', { name: 'conf', mountPath: '/var/run/secrets', readOnly: true }],
  ['beside', 'Succeeded', { name: 'data', mountPath: `${TOKEN_MOUNT_PATH}/sub` }],
  ['over', 'Failed', { name: 'data', mountPath: FILE }],
  ['over-by-sub-path', 'Failed', { name: 'data', mountPath: FILE, subPath: 'token' }],
];
for (const [name, , mount] of CASES) {
  await createPod(cluster, 'shop', 'web', {
    name,
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      volumes: VOLUMES,
      containers: [{ name: 'app', ...SDK, volumeMounts: [mount] }],
    },
  });
}

for (const [name, phase] of CASES) {
  test(`a mount ${name.replaceAll('-', ' ')}: the pod has ${phase.toLowerCase()}`, async () => {
    const pod = await waitForPod(cluster, { namespace: 'shop', name }, 'has ended', ({ status }) =>
      ['Succeeded', 'Failed'].includes(status.phase),
    );
    assert.equal(pod.status.phase, phase);
  });
}
