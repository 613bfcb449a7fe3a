import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { createApiClient } from '../../kubernetes/api-client.ts';
import { loadKubeConfig } from '../../kubernetes/kube-config.ts';
import { codeOf } from '../../lib/errors.ts';
import { type FakeCluster, startFakeCluster } from '../../testing/kubernetes/fake-cluster.ts';
import { createVirtualTime, type VirtualTime } from '../../testing/virtual-time.ts';
import { openServiceAccountRoles, type ServiceAccountRoles } from './service-account-roles.ts';

const WEB = 'arn:aws:iam::111122223333:role/web';
const KEY = 'eks.amazonaws.com/role-arn';

let peer: FakeCluster;
let time: VirtualTime;
let roles: ServiceAccountRoles;

beforeEach(async () => {
  peer = await startFakeCluster();
  time = createVirtualTime();
  const client = createApiClient(loadKubeConfig({ kubeconfig: undefined, kubeApi: peer.url }, {}));
  const { monotonicMs } = time.clock();
  roles = openServiceAccountRoles({ client, annotationPrefix: 'eks.amazonaws.com', monotonicMs });
});
afterEach(() => peer.stop());

const put = (name: string, annotations: unknown) =>
  peer.put({ metadata: { namespace: 'shop', name, annotations } });

/** ARN of the role, `none`, or the code of the failure. */
const ask = (name: string, namespace = 'shop') =>
  roles.roleOf(namespace, name).then(
    (role) => role?.arn ?? 'none',
    (thrown: unknown) => codeOf(thrown) ?? String(thrown),
  );

test('the role of the annotation, or none, or why it is not a role', async () => {
  const cases: readonly (readonly [annotations: unknown, expected: string])[] = [
    [{ [KEY]: WEB }, WEB],
    [{ [KEY]: `\n${WEB} ` }, WEB],
    [{ [KEY]: '' }, 'none'],
    [{ 'podrole.dev/role-arn': WEB }, 'none'],
    [undefined, 'none'],
    ['text', 'none'],
    [[WEB], 'none'],
    [{ [KEY]: 7 }, 'none'],
    [{ [KEY]: 'web' }, 'NO_ROLE'],
    [{ [KEY]: `${'x'.repeat(200_000)}` }, 'NO_ROLE'],
    [{ [KEY]: 'arn:aws:iam::111122223333:user/web' }, 'NO_ROLE'],
  ];
  for (const [at, [annotations, expected]] of cases.entries()) {
    put(`case-${at}`, annotations);
    assert.equal(await ask(`case-${at}`), expected, JSON.stringify(annotations)?.slice(0, 100));
  }
  assert.equal(await ask('missing'), 'none');
});

test('a thousand questions are one GET in a minute; a change counts after it', async () => {
  put('web', { [KEY]: WEB });
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => ask('web')));
  assert.deepEqual(new Set(answers), new Set([WEB]));
  put('web', {});
  assert.equal(await ask('web'), WEB);
  assert.equal(peer.requests.length, 1);
  await time.pass(60_000);
  assert.equal(await ask('web'), 'none');
  assert.equal(peer.requests.length, 2);
});

test('a failure names the right, and is forgotten after two seconds', async () => {
  put('web', { [KEY]: WEB });
  peer.trouble = () => ({ status: 403, message: 'serviceaccounts "web" is forbidden' });
  await assert.rejects(roles.roleOf('shop', 'web'), /answered 403 .*grant .*get on serviceaccounts/);
  peer.trouble = () => undefined;
  assert.equal(await ask('web'), 'API_REFUSED');
  await time.pass(2_000);
  assert.equal(await ask('web'), WEB);
});

test('names lead to no other path, and more than a thousand do not stay in memory', async () => {
  assert.equal(await ask('../../pods/web'), 'none');
  assert.equal(peer.requests.at(-1)?.target, '/api/v1/namespaces/shop/serviceaccounts/..%2F..%2Fpods%2Fweb');
  put('web', { [KEY]: WEB });
  await ask('web');
  for (let at = 0; at < 1_024; at += 1) await ask(`other-${at}`);
  const before = peer.requests.length;
  await ask('web');
  assert.equal(peer.requests.length, before + 1);
});
