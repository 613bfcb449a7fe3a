import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { asArray, asObject, type JsonObject } from '../lib/json/json.ts';
import {
  CONFIGURATION,
  CREATED,
  DEPLOYMENT,
  ended,
  PODS,
  type PodCluster,
  ROLE,
  reportOf,
  SERVICE_ACCOUNT,
  SESSION,
  startPodCluster,
  withVariables,
} from '../testing/kubernetes/pod-cluster.ts';
import { runCli } from '../testing/processes/cli.ts';

let cluster: PodCluster;
beforeEach(async () => {
  cluster = await startPodCluster();
});
afterEach(() => cluster.server.stop());

test('prints each step, asks with a restricted pod, and removes it', async () => {
  const { exitCode, stdout, stderr } = await cluster.testWeb();
  assert.equal(exitCode, 0, stderr);
  assert.match(
    stdout,
    /^ok {7}admitted .*role\/team\/shop-web\nok {7}scheduled .*node-1\nok {7}started .*registry\.test\/podrole:1\nok {7}pod: identity .*\nok {7}answered .*\nok {7}role .*as annotated\nok {7}removed /,
  );
  assert.match(
    stdout,
    /\nPods of ServiceAccount shop\/web get arn:aws:iam::111122223333:role\/team\/shop-web\.\n$/,
  );
  const { spec } = cluster.sentPod();
  assert.deepEqual(spec['nodeSelector'], { 'kubernetes.io/os': 'linux' });
  assert.equal(spec['activeDeadlineSeconds'], 150);
  assert.equal(spec['automountServiceAccountToken'], false);
  assert.equal(cluster.leftPods(), 0);
});

test('the operand as kubectl writes it, and output for programs', async () => {
  for (const operand of [['shop/web'], ['-n', 'shop', 'sa/web'], ['-n', 'shop', 'sa', 'web']]) {
    const { exitCode, stdout } = await runCli([
      'test',
      ...operand,
      '-o',
      'json',
      '--kube-api',
      cluster.server.url,
    ]);
    assert.equal(exitCode, 0);
    const result = JSON.parse(stdout);
    assert.equal(result.identity.arn, SESSION);
    assert.equal(result.role, ROLE);
    assert.deepEqual(result.faults, []);
  }
  const wrong = await runCli(['test', 'a/b/c', '--kube-api', cluster.server.url]);
  assert.equal(wrong.exitCode, 2);
  assert.match(wrong.stderr, /a\/b\/c: has too many parts; write a\/b --container c/);
  const twoNamespaces = await runCli(['test', '-n', 'ops', 'shop/web', '--kube-api', cluster.server.url]);
  assert.match(twoNamespaces.stderr, /is in namespace shop, and --namespace is ops/);
});

test('a sidecar is asked if the ServiceAccount has one; another container by its name', async () => {
  cluster.stored.store(SERVICE_ACCOUNT, {
    metadata: { annotations: { 'eks.amazonaws.com/role-arn': ROLE, 'podrole.dev/sidecar': 'metadata' } },
  });
  cluster.status = ended(0, reportOf(SESSION, 'shop-web'), 'php');
  await cluster.testWeb('--container', 'php', '--image', 'other:1');
  const [container] = asArray(cluster.sentPod().spec['containers']) ?? [];
  const { name, args, image } = asObject(container) ?? {};
  assert.deepEqual([name, image], ['php', 'other:1']);
  assert.deepEqual(asArray(args)?.slice(-2), ['--source', 'container']);
});

test('a pod with a target role must have that one, by the agent too', async () => {
  const other = 'arn:aws:iam::111122223333:role/other';
  cluster.admit = (pod) => withVariables(pod, { AWS_ROLE_ARN: other, PODROLE_TARGET_ROLE_ARN: ROLE });
  const { exitCode, stdout } = await cluster.testWeb();
  assert.equal(exitCode, 0);
  assert.match(stdout, /get arn:aws:iam::111122223333:role\/team\/shop-web\./);
  cluster.admit = (pod) => withVariables(pod, { AWS_ROLE_ARN: ROLE, PODROLE_TARGET_ROLE_ARN: other });
  const wrong = await cluster.testWeb();
  assert.match(wrong.stderr, /OTHER_IDENTITY|should have arn:aws:iam::111122223333:role\/other/);
});

const TROUBLES: readonly (readonly [name: string, status: JsonObject, code: string, said: RegExp])[] = [
  [
    'an image that cannot be pulled',
    {
      containerStatuses: [
        {
          name: 'podrole-test',
          state: { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } },
        },
      ],
    },
    'TEST_POD_NOT_STARTED',
    /ImagePullBackOff: no such image; push the image/,
  ],
  [
    'an init container that fails',
    {
      initContainerStatuses: [
        { name: 'podrole-redirect', state: { terminated: { exitCode: 3, message: 'nft' } } },
      ],
    },
    'TEST_POD_NOT_STARTED',
    /container podrole-redirect has ended: exit code 3: nft/,
  ],
  [
    'eviction',
    { phase: 'Failed', reason: 'Evicted', message: 'disk' },
    'TEST_POD_NOT_STARTED',
    /has ended: Evicted disk/,
  ],
  [
    'an image without whoami',
    ended(2, 'unknown command'),
    'TEST_POD_NOT_STARTED',
    /without a report: unknown command/,
  ],
  [
    'STS refuses',
    ended(
      3,
      JSON.stringify({
        steps: [],
        faults: [
          {
            code: 'STS_REFUSED',
            object: 'STS',
            problem: 'answered AccessDenied',
            remedy: 'check the trust policy',
          },
        ],
      }),
    ),
    'NO_IDENTITY_IN_POD',
    /answered AccessDenied \[STS_REFUSED\]; check the trust policy/,
  ],
  [
    'another role',
    ended(0, reportOf('arn:aws:sts::111122223333:assumed-role/other/x', 'other')),
    'OTHER_IDENTITY',
    /assumed-role\/other/,
  ],
];
for (const [name, given, code, said] of TROUBLES) {
  test(`${name}: reason, remedy, and no pod is left`, async () => {
    cluster.status = given;
    const { exitCode, stdout, stderr } = await cluster.testWeb();
    assert.ok(exitCode !== 0 && exitCode !== 2);
    assert.match(stdout, /^failed {3}/m);
    assert.match(stderr, said);
    assert.match(stderr, new RegExp(`\\[${code}\\]`));
    assert.equal(cluster.leftPods(), 0);
  });
}

test('a pod that does not go on: the last event says why', async () => {
  cluster.status = {};
  cluster.stored.store('/api/v1/namespaces/shop/events/e1', {
    metadata: { name: 'e1' },
    involvedObject: { uid: 'uid-1' },
    reason: 'FailedMount',
    message: 'configmap "corporate" not found',
  });
  const { stderr } = await cluster.testWeb('--timeout', '1s');
  assert.match(stderr, /FailedMount: configmap "corporate" not found; create what it names/);
  assert.equal(cluster.leftPods(), 0);
});

const REFUSALS: readonly (readonly [status: number, message: string, remedy: RegExp])[] = [
  [
    403,
    'pods "x" is forbidden: violates PodSecurity "restricted:latest": capabilities',
    /use mode "credentials"/,
  ],
  [403, 'pods "x" is forbidden: exceeded quota: small', /make room in the quota/],
  [403, 'pods is forbidden: User "eve" cannot create resource "pods"', /allow this user the verb create/],
  [500, 'failed calling webhook "required.pods.podrole.dev": connection refused', /start the webhook/],
  [403, 'admission webhook "policy.test" denied the request', /a policy of this cluster/],
];
for (const [code, message, remedy] of REFUSALS) {
  test(`a pod that is not created: ${message}`, async () => {
    cluster.refusal = { status: code, message };
    const { stdout, stderr } = await cluster.testWeb();
    assert.match(stdout, /^failed {3}admitted/);
    assert.match(stderr, /\[TEST_POD_REFUSED\]/);
    assert.match(stderr, remedy);
  });
}

test('a pod without a role: why', async () => {
  cluster.admit = (pod) => pod;
  const required = { matchExpressions: [{ key: 'roles', operator: 'In', values: ['yes'] }] };
  const image = ['--image', 'podrole:1'];
  cluster.stored.drop(CONFIGURATION);
  assert.match(
    (await cluster.testWeb(...image)).stderr,
    /^note: podrole doctor -n shop web judges each link .*\n.*no webhook of podrole is regist.*\[NO_ROLE_INJECTED\]/m,
  );
  cluster.stored.store(CONFIGURATION, {
    webhooks: [{ name: 'pods.podrole.dev', namespaceSelector: required }],
  });
  cluster.stored.store('/api/v1/namespaces/shop', { metadata: { name: 'shop', labels: {} } });
  assert.match(
    (await cluster.testWeb(...image)).stderr,
    /namespace shop: is excluded by the namespaceSelector/,
  );
  cluster.stored.store('/api/v1/namespaces/shop', { metadata: { name: 'shop', labels: { roles: 'yes' } } });
  assert.match((await cluster.testWeb(...image)).stderr, /did not reach the webhook/);
  cluster.stored.store(SERVICE_ACCOUNT, { metadata: { name: 'web' } });
  assert.match(
    (await cluster.testWeb(...image)).stderr,
    /has no annotation eks\.amazonaws\.com\/role-arn; give it a role by podrole bind/,
  );
  assert.equal(cluster.leftPods(), 0);
});

test('no ServiceAccount, no image', async () => {
  const missing = await runCli(['test', '-n', 'shop', 'nobody', '--kube-api', cluster.server.url]);
  assert.match(
    missing.stderr,
    /ServiceAccount shop\/nobody: does not exist; .*podrole bind -n shop nobody \[SERVICE_ACCOUNT_MISSING\]/,
  );
  cluster.stored.drop(DEPLOYMENT);
  assert.match((await cluster.testWeb()).stderr, /no Deployment .*give --image.*\[NO_TEST_IMAGE\]/);
  cluster.stored.drop(CONFIGURATION);
  assert.match((await cluster.testWeb()).stderr, /no webhook of podrole is registered.*\[NO_TEST_IMAGE\]/);
});

test('--keep keeps the pod; a later run removes only what killed runs left', async () => {
  await cluster.testWeb('--keep');
  assert.equal(cluster.leftPods(), 1);
  const old = { creationTimestamp: '2026-01-01T08:00:00Z', labels: { 'podrole.dev/test-pod': 'remove' } };
  const spec = { activeDeadlineSeconds: 150 };
  const [killed, running] = [`${PODS}/podrole-test-killed`, `${PODS}/podrole-test-running`];
  cluster.stored.store(killed, { metadata: { ...old, name: 'podrole-test-killed', uid: 'k' }, spec });
  cluster.stored.store(running, {
    metadata: { ...old, name: 'podrole-test-running', uid: 'r', creationTimestamp: CREATED },
    spec,
  });
  const { stderr } = await cluster.testWeb();
  assert.match(stderr, /note: removed 1 test pods/);
  assert.deepEqual([cluster.stored.objects.has(killed), cluster.stored.objects.has(running)], [false, true]);
  assert.equal(cluster.leftPods(), 2);
});

test('a pod that cannot be removed is said so', async () => {
  cluster.server.trouble = ({ method }) => (method === 'DELETE' ? { status: 403 } : undefined);
  assert.match((await cluster.testWeb()).stderr, /kubectl delete pod -n shop .*\[TEST_POD_LEFT\]/);
});
