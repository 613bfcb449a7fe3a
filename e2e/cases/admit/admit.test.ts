import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { waitFor } from '../../../testing/wait-for.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { expectNoRole, expectRole, TOKEN_MOUNT_PATH } from '../../setup/aws/expect-identity.ts';
import {
  containerOf,
  createPod,
  createServiceAccount,
  environmentOf,
  IMAGE,
  listPods,
  podManifest,
  ROLE_ARN,
} from '../../setup/pods/pods.ts';
import { prepareWebhook } from '../../setup/webhook/webhook-site.ts';

/** Objects as users write them, and the pods that the API server stores for them. */
const ROLE = 'arn:aws:iam::111122223333:role/shop-web';
const OTHER_ROLE = 'arn:aws:iam::111122223333:role/shop-logs';
const TEMPLATE = { spec: { serviceAccountName: 'web', containers: [{ name: 'app', image: IMAGE }] } };

const cluster = await startControlPlane({ issuer: 'https://oidc.example.test' });
after(() => cluster.stop());
const site = await prepareWebhook(cluster);
after(() => site.stop());
const webhook = await site.start(['--aws-region', 'eu-west-1']);
await site.register('shop');
await createServiceAccount(cluster, 'shop', 'web', ROLE);
await createServiceAccount(cluster, 'shop', 'plain');

test('a pod of an annotated ServiceAccount gets role, region, token and mount', async () => {
  const pod = await createPod(cluster, 'shop', 'web');
  const token = expectRole(pod, 'app', ROLE);
  assert.deepEqual(token, { audience: 'sts.amazonaws.com', expirationSeconds: 86_400, path: 'token' });
  const { AWS_REGION, AWS_DEFAULT_REGION } = environmentOf(pod, 'app');
  assert.deepEqual([AWS_REGION, AWS_DEFAULT_REGION], ['eu-west-1', 'eu-west-1']);
});

test('a pod of a ServiceAccount without annotation is stored unchanged', async () => {
  expectNoRole(await createPod(cluster, 'shop', 'plain'), 'app');
});

test('init containers get the role too, including a native sidecar', async () => {
  const initContainers = [
    { name: 'migrate', image: IMAGE },
    { name: 'proxy', image: IMAGE, restartPolicy: 'Always' },
  ];
  const containers = [
    { name: 'app', image: IMAGE },
    { name: 'second', image: IMAGE },
  ];
  const pod = await createPod(cluster, 'shop', 'web', { name: 'init', spec: { initContainers, containers } });
  for (const name of ['migrate', 'proxy', 'app', 'second']) expectRole(pod, name, ROLE);
});

for (const [kind, group, spec] of [
  ['Deployment', 'apps/v1', { selector: { matchLabels: { app: 'made' } } }],
  ['Job', 'batch/v1', {}],
] as const) {
  test(`the controller of a ${kind} creates a pod with the role`, async () => {
    const app = kind === 'Deployment' ? 'made' : 'job';
    const restartPolicy = kind === 'Deployment' ? 'Always' : 'Never';
    const template = { metadata: { labels: { app } }, spec: { ...TEMPLATE.spec, restartPolicy } };
    const metadata = { name: app, namespace: 'shop' };
    await apply({ apiVersion: group, kind, metadata, spec: { ...spec, template } });
    expectRole(await podLabelled(`app=${app}`), 'app', ROLE);
  });
}

test('the controllers create a pod with the role for a CronJob', async () => {
  const template = {
    metadata: { labels: { app: 'cron' } },
    spec: { ...TEMPLATE.spec, restartPolicy: 'Never' },
  };
  await apply({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'nightly', namespace: 'shop' },
    spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template } } },
  });
  const created = await cluster.kubectl(['create', 'job', 'now', '--from=cronjob/nightly', '-n=shop']);
  assert.equal(created.code, 0, created.stderr);
  expectRole(await podLabelled('app=cron'), 'app', ROLE);
});

test('skipped containers, and containers that are not included, stay unchanged', async () => {
  const containers = ['app', 'istio-proxy', 'logger'].map((name) => ({ name, image: IMAGE }));
  const skipped = await createPod(cluster, 'shop', 'web', {
    name: 'skipped',
    annotations: { 'eks.amazonaws.com/skip-containers': 'istio-proxy,logger' },
    spec: { containers },
  });
  expectRole(skipped, 'app', ROLE);
  expectNoRole(skipped, 'istio-proxy');
  expectNoRole(skipped, 'logger');

  const included = await createPod(cluster, 'shop', 'web', {
    name: 'included',
    annotations: { 'podrole.dev/include-containers': 'logger' },
    spec: { containers },
  });
  expectRole(included, 'logger', ROLE);
  expectNoRole(included, 'app');
  expectNoRole(included, 'istio-proxy');
});

test('a container with its own role gets its own token, which no other container mounts', async () => {
  await createServiceAccount(cluster, 'shop', 'both', ROLE, {
    'podrole.dev/container-roles': `logs=${OTHER_ROLE}`,
  });
  const containers = ['app', 'logs'].map((name) => ({ name, image: IMAGE }));
  const pod = await createPod(cluster, 'shop', 'both', { spec: { containers } });
  assert.equal(expectRole(pod, 'app', ROLE).audience, 'sts.amazonaws.com');
  assert.equal(expectRole(pod, 'logs', OTHER_ROLE).audience, 'sts.amazonaws.com/logs');
  const mounted = (name: string) =>
    containerOf(pod, name).volumeMounts?.find(({ mountPath }) => mountPath === TOKEN_MOUNT_PATH)?.name;
  assert.notEqual(mounted('app'), mounted('logs'));
});

test('the session has the name of the pod, whether given or generated', async () => {
  await createServiceAccount(cluster, 'shop', 'named', ROLE, { 'podrole.dev/session-name': 'pod' });
  const byUser = await createPod(cluster, 'shop', 'named', { name: 'checkout' });
  assert.equal(environmentOf(byUser, 'app')['AWS_ROLE_SESSION_NAME'], 'shop.checkout');

  const byServer = await createPod(cluster, 'shop', 'named', { generateName: 'checkout-' });
  const { env = [] } = containerOf(byServer, 'app');
  const podName = env.find(({ name }) => name === 'PODROLE_POD_NAME');
  assert.equal(podName?.valueFrom?.fieldRef?.fieldPath, 'metadata.name');
  assert.equal(environmentOf(byServer, 'app')['AWS_ROLE_SESSION_NAME'], 'shop.$(PODROLE_POD_NAME)');
});

test('ServiceAccount and pod in one kubectl apply', async () => {
  const account = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'together', namespace: 'shop', annotations: { [ROLE_ARN]: ROLE } },
  };
  const pod = podManifest('shop', 'together', { labels: { app: 'together' } });
  await apply({ apiVersion: 'v1', kind: 'List', items: [account, pod] });
  expectRole(await podLabelled('app=together'), 'app', ROLE);
});

test("the token's lifetime comes from the pod before the ServiceAccount, is raised to Kubernetes' minimum, and ignores invalid values", async () => {
  const key = 'eks.amazonaws.com/token-expiration';
  const cases: [name: string, account: string | undefined, pod: string | undefined, seconds: number][] = [
    ['account', '7200', undefined, 7_200],
    ['pod', undefined, '3600', 3_600],
    ['both', '7200', '3600', 3_600],
    ['too-low', undefined, '60', 600],
    ['pod-invalid', '7200', 'an hour', 7_200],
    ['invalid', '2h', undefined, 86_400],
  ];
  for (const [name, ofAccount, ofPod, seconds] of cases) {
    const account = `expiration-${name}`;
    await createServiceAccount(
      cluster,
      'shop',
      account,
      ROLE,
      ofAccount === undefined ? {} : { [key]: ofAccount },
    );
    const pod = await createPod(
      cluster,
      'shop',
      account,
      ofPod === undefined ? {} : { annotations: { [key]: ofPod } },
    );
    assert.equal(expectRole(pod, 'app', ROLE).expirationSeconds, seconds, name);
  }
});

test('kubectl shows a warning for a malformed role ARN and for a misspelt annotation, and the pod is created without a role', async () => {
  const cases: [name: string, annotations: Record<string, string>, warning: RegExp][] = [
    [
      'malformed',
      { [ROLE_ARN]: 'arn:aws:iam::111122223333:policy/web' },
      /Warning: ServiceAccount shop\/malformed: .*arn:aws:iam::111122223333:policy\/web.*arn:aws:iam::ACCOUNT:role\/NAME/,
    ],
    [
      'misspelt',
      { 'eks.amazon.com/role-arn': ROLE },
      /Warning: ServiceAccount shop\/misspelt: .*eks\.amazon\.com\/role-arn.*did you mean eks\.amazonaws\.com\/role-arn/,
    ],
  ];
  for (const [name, annotations, warning] of cases) {
    await createServiceAccount(cluster, 'shop', name, undefined, annotations);
    const { stderr } = await apply(podManifest('shop', name, { labels: { app: name } }));
    assert.match(stderr, warning);
    expectNoRole(await podLabelled(`app=${name}`), 'app');
  }
});

test("a container with its own mount at the token's path stays unchanged with a warning, the others get their token", async () => {
  const volumes = [{ name: 'own', emptyDir: {} }];
  const own = { name: 'app', image: IMAGE, volumeMounts: [{ name: 'own', mountPath: TOKEN_MOUNT_PATH }] };
  const spec = { volumes, containers: [own, { name: 'second', image: IMAGE }] };
  const { stderr } = await apply(
    podManifest('shop', 'web', { name: 'collision', labels: { app: 'collision' }, spec }),
  );
  assert.match(stderr, /Warning: .*app.*own.*\/var\/run\/secrets\/eks\.amazonaws\.com\/serviceaccount/);
  const pod = await podLabelled('app=collision');
  assert.equal(environmentOf(pod, 'app')['AWS_ROLE_ARN'], undefined);
  const mounts = containerOf(pod, 'app').volumeMounts?.filter(
    ({ mountPath }) => mountPath === TOKEN_MOUNT_PATH,
  );
  assert.deepEqual(mounts, [{ name: 'own', mountPath: TOKEN_MOUNT_PATH }]);
  expectRole(pod, 'second', ROLE);
});

test('the metrics count the pods, and no fault was logged', async () => {
  assert.ok((await webhook.metric('podrole_requests_total')) > 0);
  assert.deepEqual(
    webhook.lines.filter(({ level }) => level === 'error').map(({ msg }) => msg),
    [],
  );
});

async function apply(manifest: object): Promise<{ stderr: string }> {
  const { code, stderr } = await cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(manifest) });
  assert.equal(code, 0, stderr);
  return { stderr };
}

async function podLabelled(label: string) {
  return waitFor(async () => (await listPods(cluster, 'shop', label))[0], `pod with label ${label}`);
}
