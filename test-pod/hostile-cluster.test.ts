import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { asObject } from '../lib/json/json.ts';
import { printable } from '../lib/text/printable.ts';
import {
  DEPLOYMENT,
  ended,
  PODS,
  type PodCluster,
  reportOf,
  SESSION,
  startPodCluster,
  withVariables,
} from '../testing/kubernetes/pod-cluster.ts';

/** Tenants of the namespace, and other webhooks, against `podrole test`. */
let cluster: PodCluster;
beforeEach(async () => {
  cluster = await startPodCluster();
});
afterEach(() => cluster.server.stop());

test('a Deployment that a tenant labels as that of the webhook does not choose the image', async () => {
  cluster.deploy('aaa-tenant', 'evil.test/stealer:1');
  assert.match((await cluster.testWeb()).stderr, /with registry\.test\/podrole:1/);
  cluster.stored.drop(DEPLOYMENT);
  assert.match((await cluster.testWeb()).stderr, /\[NO_TEST_IMAGE\]/);
  cluster.register('pods.aws.test', 'aaa-tenant');
  assert.match((await cluster.testWeb()).stderr, /\[NO_TEST_IMAGE\]/);
});

test('an image with characters that a terminal obeys is not used', async () => {
  cluster.deploy('podrole', 'podrole:1\u001b]0;x');
  assert.match((await cluster.testWeb()).stderr, /\[NO_TEST_IMAGE\]/);
});

const WHOLE = { name: 'identity', state: 'ok', ms: 3 };
/** Reports that must not pass for an identity, as exit code and termination message. */
const REPORTS: readonly (readonly [name: string, exitCode: number, message: string])[] = [
  ['no steps', 0, '{"steps":[]}'],
  ['a step that failed, and no fault', 0, JSON.stringify({ steps: [{ ...WHOLE, state: 'failed' }] })],
  ['a step before the identity that failed', 0, JSON.stringify({ steps: [{ name: 'source' }, WHOLE] })],
  ['no step of the identity', 0, JSON.stringify({ steps: [{ ...WHOLE, name: 'source' }] })],
  ['a program that was killed', 137, reportOf(SESSION, 'shop-web')],
  ['a megabyte', 0, JSON.stringify({ steps: [WHOLE], notes: ['x'.repeat(1_000_000)] })],
  ['not an object', 0, '[1]'],
];
for (const [name, exitCode, message] of REPORTS) {
  test(`a report is not believed: ${name}`, async () => {
    cluster.status = ended(exitCode, message);
    const { stdout, stderr, exitCode: code } = await cluster.testWeb();
    assert.equal(code, 3);
    assert.match(stderr, /\[TEST_POD_NOT_STARTED\]/);
    assert.ok(stderr.length < 2_000 && !stdout.includes('get arn:'));
    assert.equal(cluster.leftPods(), 0);
  });
}

test('a report with escape sequences, odd times and hundreds of steps prints a few safe lines', async () => {
  const evil = '\u001b[2Jok\nremoved\u202e\u009b';
  const identity = { arn: `${SESSION}${evil}`, account: '111122223333', role: 'shop-web' };
  const steps = [
    { name: `n${evil}`, state: 'ok', ms: {}, detail: evil },
    { ...WHOLE, ms: -1e300 },
  ];
  const expiration = evil;
  cluster.status = ended(0, JSON.stringify({ steps, identity, notes: [evil], expiration }));
  cluster.admit = (pod) => withVariables(pod, { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://[::1]/' });
  const text = await cluster.testWeb();
  const json = await cluster.testWeb('-o', 'json');
  for (const output of [text.stdout, text.stderr, json.stdout]) {
    for (const line of output.split('\n')) assert.equal(printable(line), line);
  }
  assert.match(text.stdout, /pod: identity +0 ms/);
  assert.match(text.stderr, /note: \\u001b\[2Jok removed/);
  const many = Array.from({ length: 300 }, (_, index) => ({ ...WHOLE, name: `n${index}` }));
  cluster.status = ended(0, JSON.stringify({ steps: many }).slice(0, 16_000));
  assert.ok((await cluster.testWeb()).stdout.split('\n').length < 20);
});

test('without a role ARN, the pod is not said to be as annotated', async () => {
  cluster.admit = (pod) => withVariables(pod, { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://[::1]/' });
  const { stdout } = await cluster.testWeb();
  assert.match(stdout, /role .*shop-web, as given to the pod/);
});

test('events with names of JavaScript as reasons do not matter', async () => {
  cluster.status = {};
  for (const reason of ['constructor', 'toString', '__proto__']) {
    const involvedObject = { uid: 'uid-1' };
    const event = { metadata: { name: reason }, involvedObject, reason, message: 'x' };
    cluster.stored.store(`/api/v1/namespaces/shop/events/${reason}`, event);
  }
  const { stderr } = await cluster.testWeb('--timeout', '1s');
  assert.match(stderr, /did not start in time.*\[TEST_POD_NOT_STARTED\]/);
  assert.equal(cluster.leftPods(), 0);
});

test('the name that a webhook gave the pod is followed and removed', async () => {
  cluster.admit = (pod) => {
    const renamed = { ...pod, metadata: { ...asObject(pod['metadata']), name: 'renamed' } };
    return withVariables(renamed, { AWS_ROLE_ARN: SESSION });
  };
  const { stdout } = await cluster.testWeb();
  assert.match(stdout, /removed .* pod renamed/);
  assert.equal(cluster.leftPods(), 0);
});

test('a pod of somebody else that took the name stays', async () => {
  cluster.server.trouble = ({ method, pathname }) => {
    if (method === 'DELETE') cluster.stored.store(pathname, { metadata: { uid: 'foreign' } });
    return undefined;
  };
  const { stdout, exitCode } = await cluster.testWeb();
  assert.match(stdout, /removed .*is not there/);
  assert.equal(exitCode, 0);
  assert.equal(cluster.leftPods(), 1);
});

test('a pod that finalizers keep is not said to be removed', async () => {
  const { admit } = cluster;
  cluster.admit = (pod) => {
    const metadata = { ...asObject(pod['metadata']), finalizers: ['tenant.test/keep'] };
    return admit({ ...pod, metadata });
  };
  const { stdout, stderr } = await cluster.testWeb();
  assert.match(stdout, /^failed +removed/m);
  assert.match(stderr, /stays until its finalizers are done: tenant\.test\/keep.*\[TEST_POD_LEFT\]/);
});

test('a pod whose creation was answered by an error of the server is removed', async () => {
  cluster.refusal = { status: 504, message: 'request did not complete', isStored: true };
  assert.match((await cluster.testWeb()).stderr, /\[TEST_POD_REFUSED\]/);
  assert.equal(cluster.leftPods(), 0);
});

test('a pod that somebody removes before it is seen is reported at once', async () => {
  cluster.server.trouble = ({ method, pathname, searchParams }) => {
    const isList = method === 'GET' && pathname === PODS && searchParams.has('fieldSelector');
    for (const path of cluster.stored.objects.keys()) {
      if (isList && path.startsWith(PODS)) cluster.stored.objects.delete(path);
    }
    return undefined;
  };
  const { stderr } = await cluster.testWeb('--timeout', '9m');
  assert.match(stderr, /was removed by somebody else/);
});

test('an API server that is too busy once is asked again', async () => {
  let refused = 0;
  cluster.server.trouble = ({ method, pathname, searchParams }) => {
    if (method !== 'GET' || pathname !== PODS || !searchParams.has('fieldSelector')) return undefined;
    refused += 1;
    return refused === 1 ? { status: 503, message: 'busy' } : undefined;
  };
  const { exitCode, stderr } = await cluster.testWeb();
  assert.equal(exitCode, 0, stderr);
});

test('pods that carry the label, but are not of podrole test, are not leftovers; ten leftovers at once', async () => {
  const labels = { 'podrole.dev/test-pod': 'remove' };
  const creationTimestamp = '2025-01-01T08:00:00Z';
  const add = (name: string, more: object, spec: object) => {
    const metadata = { name, uid: name, labels, creationTimestamp, ...more };
    cluster.stored.store(`${PODS}/${name}`, { metadata, spec });
  };
  const spec = { activeDeadlineSeconds: 150 };
  add('database', {}, spec);
  add('podrole-test-copy', {}, {});
  add('podrole-test-owned', { ownerReferences: [{ kind: 'Job' }] }, spec);
  add('podrole-test-kept', { labels: { 'podrole.dev/test-pod': 'keep' } }, spec);
  assert.doesNotMatch((await cluster.testWeb()).stderr, /note: removed/);
  assert.equal(cluster.leftPods(), 4);
  for (let index = 0; index < 30; index += 1) add(`podrole-test-${index}`, {}, spec);
  assert.match((await cluster.testWeb()).stderr, /note: removed 10 test pods/);
  assert.equal(cluster.leftPods(), 24);
});
