import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { asArray, asObject, asText, type JsonObject } from '../lib/json/json.ts';
import {
  type FakeApiServer,
  startFakeApiServer,
  statusAnswer,
} from '../testing/kubernetes/fake-api-server.ts';
import {
  createStoredObjects,
  objectsRoute,
  type StoredObjects,
} from '../testing/kubernetes/stored-objects.ts';
import { watchStoredObjects } from '../testing/kubernetes/watched-objects.ts';
import { runCli } from '../testing/processes/cli.ts';

const ROLE = 'arn:aws:iam::111122223333:role/team/shop-web';
const SESSION = 'arn:aws:sts::111122223333:assumed-role/shop-web/x';
const PODS = '/api/v1/namespaces/shop/pods';
const CREATED = '2026-01-01T10:00:00Z';

/** Report of a pod that is this caller. */
function reportOf(arn: string, role: string): string {
  const identity = { arn, account: '111122223333', role, sessionName: 'x' };
  return JSON.stringify({
    steps: [{ name: 'identity', state: 'ok', ms: 3, detail: arn }],
    identity,
    notes: [],
    faults: [],
  });
}

let stored: StoredObjects;
let server: FakeApiServer;
/** Admission of the pod by the cluster. */
let admit: (pod: JsonObject) => JsonObject;
let status: JsonObject | undefined;
let refusal: { status: number; message: string } | undefined;

beforeEach(async () => {
  stored = createStoredObjects();
  const { route } = watchStoredObjects(stored);
  refusal = undefined;
  admit = (pod) => withVariables(pod, { AWS_ROLE_ARN: ROLE });
  status = ended(0, reportOf(SESSION, 'shop-web'));
  server = await startFakeApiServer(
    route,
    ({ method, pathname, body }) => {
      if (method !== 'POST' || pathname !== PODS) return undefined;
      if (refusal) return statusAnswer(refusal.status, refusal.message);
      const sent = admit(asObject(body) ?? {});
      const metadata = { ...asObject(sent['metadata']), uid: 'uid-1', creationTimestamp: CREATED };
      const spec = { ...asObject(sent['spec']), nodeName: 'node-1' };
      const path = `${PODS}/${asText(asObject(sent['metadata'])?.['name'])}`;
      return { status: 201, body: stored.store(path, { ...sent, metadata, spec, status }) };
    },
    objectsRoute(stored),
  );
  stored.store('/api/v1/namespaces/shop/serviceaccounts/web', {
    metadata: { namespace: 'shop', name: 'web', annotations: { 'eks.amazonaws.com/role-arn': ROLE } },
  });
  stored.store('/apis/apps/v1/namespaces/podrole/deployments/podrole-webhook', {
    metadata: { namespace: 'podrole', name: 'podrole-webhook' },
    spec: { template: { spec: { containers: [{ name: 'podrole', image: 'registry.test/podrole:1' }] } } },
  });
});
afterEach(() => server.stop());

test('prints each step, asks with a restricted pod, and removes it', async () => {
  const { exitCode, stdout, stderr } = await testWeb();
  assert.equal(exitCode, 0, stderr);
  assert.match(
    stdout,
    /^ok {7}admitted .*role\/team\/shop-web\nok {7}scheduled .*node-1\nok {7}started .*registry\.test\/podrole:1\nok {7}pod: identity .*\nok {7}answered .*\nok {7}role .*as annotated\nok {7}removed /,
  );
  assert.match(
    stdout,
    /\nPods of ServiceAccount shop\/web get arn:aws:iam::111122223333:role\/team\/shop-web\.\n$/,
  );
  const { spec } = sentPod();
  assert.deepEqual(spec['nodeSelector'], { 'kubernetes.io/os': 'linux' });
  assert.equal(spec['activeDeadlineSeconds'], 150);
  assert.equal(spec['automountServiceAccountToken'], false);
  assert.equal(leftPods(), 0);
});

test('the operand as kubectl writes it, and output for programs', async () => {
  for (const operand of [['shop/web'], ['-n', 'shop', 'sa/web'], ['-n', 'shop', 'serviceaccount/web']]) {
    const { exitCode, stdout } = await runCli(['test', ...operand, '-o', 'json', '--kube-api', server.url]);
    assert.equal(exitCode, 0);
    const result = JSON.parse(stdout);
    assert.equal(result.identity.arn, SESSION);
    assert.equal(result.role, ROLE);
    assert.deepEqual(result.faults, []);
  }
  const wrong = await runCli(['test', 'a/b/c', '--kube-api', server.url]);
  assert.equal(wrong.exitCode, 2);
  assert.match(wrong.stderr, /"a\/b\/c".*cannot be the name/);
});

test('a sidecar is asked if the ServiceAccount has one; another container by its name', async () => {
  stored.store('/api/v1/namespaces/shop/serviceaccounts/web', {
    metadata: { annotations: { 'eks.amazonaws.com/role-arn': ROLE, 'podrole.dev/sidecar': 'metadata' } },
  });
  status = ended(0, reportOf(SESSION, 'shop-web'), 'php');
  await testWeb('--container', 'php', '--image', 'other:1');
  const [container] = asArray(sentPod().spec['containers']) ?? [];
  const { name, args, image } = asObject(container) ?? {};
  assert.deepEqual([name, image], ['php', 'other:1']);
  assert.deepEqual(asArray(args)?.slice(-2), ['--source', 'container']);
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
    status = given;
    const { exitCode, stdout, stderr } = await testWeb();
    assert.ok(exitCode !== 0 && exitCode !== 2);
    assert.match(stdout, /^failed {3}/m);
    assert.match(stderr, said);
    assert.match(stderr, new RegExp(`\\[${code}\\]`));
    assert.equal(leftPods(), 0);
  });
}

test('a pod that does not go on: the last event says why', async () => {
  status = {};
  stored.store('/api/v1/namespaces/shop/events/e1', {
    metadata: { name: 'e1' },
    ...{
      involvedObject: { uid: 'uid-1' },
      reason: 'FailedMount',
      message: 'configmap "corporate" not found',
    },
  });
  const { stderr } = await testWeb('--timeout', '1s');
  assert.match(stderr, /FailedMount: configmap "corporate" not found; create what it names/);
  assert.equal(leftPods(), 0);
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
    refusal = { status: code, message };
    const { stdout, stderr } = await testWeb();
    assert.match(stdout, /^failed {3}admitted/);
    assert.match(stderr, /\[TEST_POD_REFUSED\]/);
    assert.match(stderr, remedy);
  });
}

test('a pod without a role: why', async () => {
  admit = (pod) => pod;
  const CONFIGURATION = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/podrole';
  const required = { matchExpressions: [{ key: 'roles', operator: 'In', values: ['yes'] }] };
  assert.match((await testWeb()).stderr, /no webhook of podrole is registered.*\[NO_ROLE_INJECTED\]/);
  stored.store(CONFIGURATION, { webhooks: [{ name: 'pods.podrole.dev', namespaceSelector: required }] });
  stored.store('/api/v1/namespaces/shop', { metadata: { name: 'shop', labels: {} } });
  assert.match((await testWeb()).stderr, /namespace shop: is excluded by the namespaceSelector/);
  stored.store('/api/v1/namespaces/shop', { metadata: { name: 'shop', labels: { roles: 'yes' } } });
  assert.match((await testWeb()).stderr, /did not reach the webhook/);
  stored.store('/api/v1/namespaces/shop/serviceaccounts/web', { metadata: { name: 'web' } });
  assert.match(
    (await testWeb()).stderr,
    /has no annotation eks\.amazonaws\.com\/role-arn; give it a role by podrole bind/,
  );
  assert.equal(leftPods(), 0);
});

test('no ServiceAccount, no image', async () => {
  const missing = await runCli(['test', '-n', 'shop', 'nobody', '--kube-api', server.url]);
  assert.match(missing.stderr, /ServiceAccount shop\/nobody.*podrole bind/);
  stored.drop('/apis/apps/v1/namespaces/podrole/deployments/podrole-webhook');
  assert.match((await testWeb()).stderr, /give --image.*\[NO_TEST_IMAGE\]/);
});

test('--keep keeps the pod; a later run removes only what killed runs left', async () => {
  await testWeb('--keep');
  assert.equal(leftPods(), 1);
  const old = { creationTimestamp: '2026-01-01T08:00:00Z', labels: { 'podrole.dev/test-pod': 'remove' } };
  const spec = { activeDeadlineSeconds: 150 };
  stored.store(`${PODS}/killed`, { metadata: { ...old, name: 'killed' }, spec });
  stored.store(`${PODS}/running`, {
    metadata: { ...old, name: 'running', creationTimestamp: CREATED },
    spec,
  });
  const { stderr } = await testWeb();
  assert.match(stderr, /note: removed 1 test pods/);
  assert.deepEqual(
    [stored.objects.has(`${PODS}/killed`), stored.objects.has(`${PODS}/running`)],
    [false, true],
  );
  assert.equal(leftPods(), 2);
});

test('a pod that cannot be removed is said so', async () => {
  server.trouble = ({ method }) => (method === 'DELETE' ? { status: 403 } : undefined);
  assert.match((await testWeb()).stderr, /kubectl delete pod -n shop .*\[TEST_POD_LEFT\]/);
});

function testWeb(...args: readonly string[]) {
  return runCli(['test', '-n', 'shop', 'web', '--kube-api', server.url, ...args]);
}

function sentPod(): { readonly spec: JsonObject } {
  const { body } = server.requests.findLast(({ method }) => method === 'POST') ?? {};
  return { spec: asObject(asObject(body)?.['spec']) ?? {} };
}

function leftPods(): number {
  return stored.listed(PODS).length;
}

function ended(exitCode: number, message: string, name = 'podrole-test'): JsonObject {
  return {
    containerStatuses: [{ name, state: { terminated: { exitCode, message, reason: 'Error' } } }],
  };
}

function withVariables(pod: JsonObject, variables: Readonly<Record<string, string>>): JsonObject {
  const spec = asObject(pod['spec']) ?? {};
  const env = Object.entries(variables).map(([name, value]) => ({ name, value }));
  const containers = (asArray(spec['containers']) ?? []).map((each) => ({ ...asObject(each), env }));
  return { ...pod, spec: { ...spec, containers } };
}
