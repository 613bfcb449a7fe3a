import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { decodeJwt } from 'jose';
import { createNamespace } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { ISSUER, JWKS_URI_FLAG, publishIssuer, REGION, roleArn, startSts } from '../../setup/aws/aws-side.ts';
import { expectRole, TOKEN_MOUNT_PATH } from '../../setup/aws/expect-identity.ts';
import { createPod, createServiceAccount, IMAGE, type StoredPod } from '../../setup/pods/pods.ts';
import { projectTokens, runWhoami } from '../../setup/pods/run-container.ts';
import { prepareWebhook, registeredLike } from '../../setup/webhook/webhook-site.ts';

/**
 * From the stored pod to a caller identity: tokens of the API server, its published keys, a trust policy, an
 * unmodified SDK.
 */
const AUDIENCE = 'sts.amazonaws.com';
const LOGS_AUDIENCE = `${AUDIENCE}/logs`;
const OTHER_AUDIENCE = 'vault.example.test';
const WEB = 'system:serviceaccount:shop:web';
const BOTH = 'system:serviceaccount:shop:both';

const cluster = await startControlPlane({ issuer: ISSUER, extraApiServerFlags: [JWKS_URI_FLAG] });
after(() => cluster.stop());
const site = await prepareWebhook(cluster);
after(() => site.stop());
const issuer = await publishIssuer(cluster, site.authority);
after(() => issuer.stop());
const sts = await startSts(
  site,
  [AUDIENCE, LOGS_AUDIENCE],
  [
    { role: 'shop-web', subject: WEB, audience: AUDIENCE },
    { role: 'shop-app', subject: BOTH, audience: AUDIENCE },
    { role: 'shop-logs', subject: BOTH, audience: LOGS_AUDIENCE },
  ],
);
after(() => sts.stop('SIGKILL'));
await site.start(['--aws-region', REGION]);
await site.register('shop');
await createServiceAccount(cluster, 'shop', 'web', roleArn('shop-web'));

test('the token equals that of kubelet: of the issuer, for STS, bound to the pod, with the lifetime that the pod requests', async () => {
  const pod = await createPod(cluster, 'shop', 'web', {
    name: 'projected',
    annotations: { 'eks.amazonaws.com/token-expiration': '3600' },
  });
  const token = (await projectTokens(cluster, pod, 'app')).get(`${TOKEN_MOUNT_PATH}/token`) ?? '';
  const { iss, sub, aud, iat = 0, exp = 0, ...claims } = decodeJwt(token);
  assert.deepEqual([iss, sub, aud, exp - iat], [ISSUER, WEB, [AUDIENCE], 3_600]);
  const { pod: boundTo } = claims['kubernetes.io'] as { pod: object };
  assert.deepEqual(boundTo, { name: 'projected', uid: pod.metadata.uid });
});

test("an unmodified SDK assumes the role with only the pod's variables and token", async () => {
  const pod = await createPod(cluster, 'shop', 'web');
  const { code, stdout, stderr } = await whoami(pod, 'app');
  assert.equal(code, 0, stderr);
  const { Arn, Account } = JSON.parse(stdout);
  assert.match(Arn, /^arn:aws:sts::111122223333:assumed-role\/shop-web\/.+$/);
  assert.equal(Account, '111122223333');
  assert.deepEqual([...new Set(issuer.fetched)].sort(), [
    '/.well-known/openid-configuration',
    '/openid/v1/jwks',
  ]);
});

test("the assumed role's ARN contains the pod's name, whether given or generated", async () => {
  const annotations = { 'podrole.dev/session-name': 'pod' };
  for (const naming of [{ name: 'checkout' }, { generateName: 'checkout-' }]) {
    const pod = await createPod(cluster, 'shop', 'web', { ...naming, annotations });
    const { stdout, stderr } = await whoami(pod, 'app');
    assert.match(stdout, new RegExp(`assumed-role/shop-web/shop\\.${pod.metadata.name}"`), stderr);
  }
});

test('the ServiceAccount of the same name in another namespace is refused', async () => {
  await createNamespace(cluster, 'other', registeredLike('shop'));
  await createServiceAccount(cluster, 'other', 'web', roleArn('shop-web'));
  const pod = await createPod(cluster, 'other', 'web');
  expectRole(pod, 'app', roleArn('shop-web'));
  await expectRefusal(pod, 'app', 'AccessDenied', 'system:serviceaccount:other:web');
});

test('a token for an audience that the provider does not have is refused', async () => {
  const annotations = { 'eks.amazonaws.com/audience': OTHER_AUDIENCE };
  await createServiceAccount(cluster, 'shop', 'vault', roleArn('shop-web'), annotations);
  const pod = await createPod(cluster, 'shop', 'vault');
  assert.equal(expectRole(pod, 'app', roleArn('shop-web')).audience, OTHER_AUDIENCE);
  await expectRefusal(pod, 'app', 'InvalidIdentityToken', OTHER_AUDIENCE);
});

test("each container can assume its own role, and not the other's", async () => {
  await createServiceAccount(cluster, 'shop', 'both', roleArn('shop-app'), {
    'podrole.dev/container-roles': `logs=${roleArn('shop-logs')}`,
  });
  const containers = ['app', 'logs'].map((name) => ({ name, image: IMAGE }));
  const pod = await createPod(cluster, 'shop', 'both', { spec: { containers } });
  for (const [container, role, otherRole] of [
    ['app', 'shop-app', 'shop-logs'],
    ['logs', 'shop-logs', 'shop-app'],
  ] as const) {
    const { stdout, stderr } = await whoami(pod, container);
    assert.match(stdout, new RegExp(`assumed-role/${role}/`), stderr);
    // The attempt of a compromised container: its own token for the neighbour's role.
    await expectRefusal(pod, container, 'AccessDenied', ':aud', { AWS_ROLE_ARN: roleArn(otherRole) });
  }
});

test('STS exits with 0 on SIGTERM, and its log does not contain any part of a token', async () => {
  assert.equal(await sts.stop('SIGTERM'), 0);
  assert.doesNotMatch(JSON.stringify(sts.lines), /eyJ[\w-]+\.[\w-]+\.[\w-]+/);
});

function whoami(pod: StoredPod, container: string, override: Readonly<Record<string, string>> = {}) {
  // A pod in a real cluster trusts AWS's authorities without a variable.
  return runWhoami(cluster, pod, container, {
    NODE_EXTRA_CA_CERTS: `${site.folder}/aws-ca.crt`,
    ...override,
  });
}

/** Asserts the code that the SDK reports, and the reason in the log of STS. */
async function expectRefusal(
  pod: StoredPod,
  container: string,
  code: string,
  reason: string,
  override: Readonly<Record<string, string>> = {},
): Promise<void> {
  const known = sts.lines.length;
  const result = await whoami(pod, container, override);
  assert.notEqual(result.code, 0, result.stdout);
  assert.match(result.stderr, new RegExp(code));
  const line = await sts.line((logged) => sts.lines.indexOf(logged) >= known && logged['code'] === code);
  assert.ok(String(line['detail']).includes(reason), `detail in the log of STS: ${line['detail']}`);
}
