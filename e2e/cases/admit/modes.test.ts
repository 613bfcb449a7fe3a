import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { waitFor } from '../../../testing/wait-for.ts';
import { expectSuccess } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { expectNoRole, expectRole, tokenOf } from '../../setup/aws/expect-identity.ts';
import {
  containerOf,
  createPod,
  createServiceAccount,
  dryRunPod,
  environmentOf,
} from '../../setup/pods/pods.ts';
import { prepareWebhook, WEBHOOK_NAMESPACE } from '../../setup/webhook/webhook-site.ts';

/**
 * Identities without annotations: the ConfigMap, and the file of EKS Pod Identity. Both change while the
 * webhook runs.
 */
const ROLE = 'arn:aws:iam::111122223333:role/from-config-map';
const OTHER_ROLE = 'arn:aws:iam::111122223333:role/changed';
const ANNOTATED_ROLE = 'arn:aws:iam::111122223333:role/annotated';
const CONFIG_MAPS = `/api/v1/namespaces/${WEBHOOK_NAMESPACE}/configmaps`;
const CONFIG_MAP = 'pod-identity-webhook';

const cluster = await startControlPlane({ issuer: 'https://oidc.example.test' });
after(() => cluster.stop());
const site = await prepareWebhook(cluster);
after(() => site.stop());
const credentialsFile = await site.file('eks.json', identities([]));
await site.start(['--watch-config-map', '--watch-container-credentials-config', credentialsFile]);
await site.register('shop');
for (const name of ['web', 'batch', 'agent']) await createServiceAccount(cluster, 'shop', name);

test('a ConfigMap that is created, changed and deleted while the webhook runs decides the role', async () => {
  expectNoRole(await createPod(cluster, 'shop', 'web', { name: 'before' }), 'app');

  const config = { 'shop/web': { RoleARN: ROLE, TokenExpiration: 3_600 } };
  await expectSuccess(cluster, 'POST', CONFIG_MAPS, {
    metadata: { name: CONFIG_MAP },
    data: { config: JSON.stringify(config) },
  });
  await untilRoleOf('web', ROLE);
  const created = await createPod(cluster, 'shop', 'web', { name: 'created' });
  assert.equal(expectRole(created, 'app', ROLE).expirationSeconds, 3_600);

  const changed = { 'shop/web': { RoleARN: OTHER_ROLE }, '*/bat*': { RoleARN: ROLE } };
  await expectSuccess(cluster, 'PATCH', `${CONFIG_MAPS}/${CONFIG_MAP}`, {
    data: { config: JSON.stringify(changed) },
  });
  await untilRoleOf('web', OTHER_ROLE);
  expectRole(await createPod(cluster, 'shop', 'web', { name: 'changed' }), 'app', OTHER_ROLE);
  expectRole(await createPod(cluster, 'shop', 'batch'), 'app', ROLE);

  await expectSuccess(cluster, 'DELETE', `${CONFIG_MAPS}/${CONFIG_MAP}`);
  await untilRoleOf('web', undefined);
  expectNoRole(await createPod(cluster, 'shop', 'web', { name: 'deleted' }), 'app');
});

test('an annotation has precedence over the ConfigMap', async () => {
  await createServiceAccount(cluster, 'shop', 'annotated', ANNOTATED_ROLE);
  const config = { 'shop/annotated': { RoleARN: ROLE }, 'shop/web': { RoleARN: ROLE } };
  await expectSuccess(cluster, 'POST', CONFIG_MAPS, {
    metadata: { name: CONFIG_MAP },
    data: { config: JSON.stringify(config) },
  });
  await untilRoleOf('web', ROLE);
  expectRole(await createPod(cluster, 'shop', 'annotated'), 'app', ANNOTATED_ROLE);
});

test('a ServiceAccount in the file of EKS Pod Identity gets container credentials, and loses them with its entry', async () => {
  const hasCredentials = async () =>
    environmentOf(await dryRunPod(cluster, 'shop', 'agent'), 'app')['AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  await site.file('eks.json', identities([{ namespace: 'shop', serviceAccount: 'agent' }]));
  await waitFor(hasCredentials, 'container credentials of shop/agent');

  const pod = await createPod(cluster, 'shop', 'agent');
  const mountPath = '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount';
  assert.deepEqual(environmentOf(pod, 'app'), {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: `${mountPath}/eks-pod-identity-token`,
  });
  const mount = containerOf(pod, 'app').volumeMounts?.find((found) => found.mountPath === mountPath);
  const { audience, expirationSeconds, path } = tokenOf(pod, mount?.name);
  assert.deepEqual([audience, path], ['pods.eks.amazonaws.com', 'eks-pod-identity-token']);
  assert.ok(expirationSeconds >= 79_200 && expirationSeconds <= 86_400, `${expirationSeconds} s`);
  assert.equal(pod.metadata.labels?.['eks.amazonaws.com/pod-identity'], 'enabled');

  await site.file('eks.json', identities([]));
  await waitFor(async () => !(await hasCredentials()), 'no container credentials of shop/agent');
  expectNoRole(await createPod(cluster, 'shop', 'agent', { name: 'removed' }), 'app');
});

function identities(entries: readonly object[]): string {
  return JSON.stringify({ identities: entries });
}

/** The watch reports a change to the webhook a moment after the API server has accepted it. */
async function untilRoleOf(serviceAccount: string, role: string | undefined): Promise<void> {
  const roleNow = async () =>
    environmentOf(await dryRunPod(cluster, 'shop', serviceAccount), 'app')['AWS_ROLE_ARN'];
  await waitFor(async () => (await roleNow()) === role, `role ${role} of shop/${serviceAccount}`);
}
