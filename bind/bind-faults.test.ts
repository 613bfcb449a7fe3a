import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asArray, asObject } from '../lib/json/json.ts';
import { iamRefusal } from '../testing/aws/iam-server.ts';
import { useBindSite } from '../testing/bind/bind-site.ts';

/** Answers that only AWS gives, in its own shapes, through the real SDK. */
const READ_ONLY = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
const THUMBPRINT = ['--thumbprint', '990F4193972F2BECF12DDEDA5237F9C952F20D9E'];
const BIND = ['bind', '-n', 'shop', 'web', ...THUMBPRINT, '--attach-policy-arn', READ_ONLY, '--approve'];

const site = useBindSite();

function refuse(action: string, status: number, code: string, message: string, times = 1): void {
  let left = times;
  site.iam.refuse = (call) =>
    call.action === action && left-- > 0 ? iamRefusal(status, code, message) : undefined;
}

test('a call that is refused in the middle: the run reports its changes, and the next run does the rest', async () => {
  const message =
    'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: iam:AttachRolePolicy';
  refuse('AttachRolePolicy', 403, 'AccessDenied', message);
  const { exitCode, stderr } = await site.podrole(...BIND);
  assert.equal(exitCode, 3);
  assert.match(
    stderr,
    /error: role shop-web: iam:AttachRolePolicy failed: AccessDenied: User: .*; allow these credentials iam:AttachRolePolicy/,
  );
  assert.match(
    stderr,
    /error: plan: 2 of 5 changes are done: OIDC provider .*: create, .*role shop-web: create .*\. Not done: role shop-web: attach .*ServiceAccount shop\/web: create; /,
  );
  assert.deepEqual(site.cluster.writes, [], 'no pod gets a role that is not ready');
  const again = await site.podrole(...BIND);
  assert.deepEqual(site.iam.writes().slice(-1), ['AttachRolePolicy']);
  assert.match(again.stdout, /3 changes; making them\n$/);
  assert.equal((await site.podrole(...BIND)).stdout, 'no changes\n');
});

test('a cluster that refuses comes last, and the next run does the rest', async () => {
  site.cluster.trouble = ({ method }) => (method === 'POST' ? { status: 403 } : undefined);
  const { exitCode, stderr } = await site.podrole(...BIND);
  assert.equal(exitCode, 3);
  assert.match(stderr, /error: namespace shop: POST .* answered 403; use a kubeconfig that may change it/);
  assert.match(stderr, /3 of 5 changes are done/);
  site.cluster.trouble = () => undefined;
  assert.equal((await site.podrole(...BIND)).exitCode, 0);
  assert.equal((await site.podrole(...BIND)).stdout, 'no changes\n');
});

test('throttling is waited for', async () => {
  refuse('CreateRole', 400, 'Throttling', 'Rate exceeded');
  assert.equal((await site.podrole(...BIND)).exitCode, 0);
  assert.equal(site.iam.writes().filter((action) => action === 'CreateRole').length, 2);
});

test('a new role that IAM does not show yet is waited for', async () => {
  let hidden = 1;
  site.iam.refuse = ({ action }) =>
    action === 'GetRole' && site.iam.roles.size > 0 && hidden-- > 0
      ? iamRefusal(404, 'NoSuchEntity', 'The role with name shop-web cannot be found.')
      : undefined;
  assert.equal((await site.podrole(...BIND)).exitCode, 0);
  assert.ok(hidden < 0);
});

type Row = readonly [action: string, status: number, code: string, said: RegExp];

/** Message of a run for each answer of IAM. */
const REFUSALS: readonly Row[] = [
  [
    'CreateOpenIDConnectProvider',
    409,
    'LimitExceeded',
    /LimitExceeded.*: Cannot exceed quota.*; ask AWS for a higher quota/,
  ],
  ['CreateRole', 409, 'EntityAlreadyExists', /somebody made or changed it at the same time; run again/],
  ['CreateRole', 400, 'MalformedPolicyDocument', /correct the value that IAM names/],
  [
    'ListOpenIDConnectProviders',
    403,
    'AccessDenied',
    /allow these credentials iam:ListOpenIDConnectProviders/,
  ],
  ['GetRole', 403, 'AccessDenied', /role shop-web: iam:GetRole failed/],
  ['GetRole', 403, 'InvalidClientTokenId', /use credentials that are valid now/],
];
for (const [action, status, code, said] of REFUSALS) {
  test(`${action} is answered ${code}`, async () => {
    refuse(action, status, code, 'Cannot exceed quota for it');
    const { exitCode, stderr } = await site.podrole(...BIND);
    assert.equal(exitCode, 3);
    assert.match(stderr, said);
    assert.deepEqual(site.cluster.writes, []);
    assert.equal((await site.podrole(...BIND)).exitCode, 0);
  });
}

test('a part of an existing role that cannot be read is an error, never taken for absent', async () => {
  await site.podrole(...BIND, '--well-known', 'vpc-cni-ipv6');
  const before = site.iam.writes().length;
  for (const [action, code] of [
    ['ListAttachedRolePolicies', 'AccessDenied'],
    ['ListRolePolicies', 'AccessDenied'],
    ['GetRolePolicy', 'NoSuchEntity'],
    ['GetOpenIDConnectProvider', 'AccessDenied'],
  ] as const) {
    // Calls of the run before may still be on their way, so it is not for one alone.
    refuse(action, code === 'NoSuchEntity' ? 404 : 403, code, 'not for you', Number.POSITIVE_INFINITY);
    const { exitCode, stderr } = await site.podrole(...BIND);
    assert.equal(exitCode, 3, action);
    assert.match(stderr, new RegExp(`iam:${action} failed: ${code}`));
  }
  site.iam.refuse = () => undefined;
  const role = site.iam.roles.get('shop-web') ?? assert.fail();
  role.trustPolicy = 'torn';
  assert.match((await site.podrole(...BIND)).stderr, /trust policy of role shop-web: cannot be read/);
  assert.equal(site.iam.writes().length, before);
});

test('a hundred client IDs are counted before anything is written', async () => {
  await site.podrole(...BIND);
  const [provider] = site.iam.providers.values();
  for (let at = 0; at < 99; at++) provider?.clientIds.add(`other-${at}`);
  const before = site.iam.writes().length;
  const { stderr } = await site.podrole(...BIND, '--token-audience', 'vault');
  assert.match(
    stderr,
    /OIDC provider .*: would have 101 client IDs, but IAM accepts at most 100; remove some/,
  );
  assert.equal(site.iam.writes().length, before);
});

test('a trust policy beyond the quota is refused before any write, unless the quota was raised', async () => {
  const issuers = [1, 2, 3, 4, 5, 6].map(
    (at) => `https://oidc.example.test/${at}/a-rather-long-path-of-an-issuer`,
  );
  const args = [...BIND, '--also-issuer', issuers.join(',')];
  const { exitCode, stderr } = await site.podrole(...args);
  assert.equal(exitCode, 3);
  assert.match(
    stderr,
    /trust policy of role shop-web: would have \d{4} characters, but IAM accepts at most 2048; /,
  );
  assert.deepEqual(site.iam.writes(), []);
  assert.equal((await site.podrole(...args, '--trust-policy-limit', '4096')).exitCode, 0);
});

test('all faults of a binding are reported at once', async () => {
  const wrong = ['--attach-policy-arn', 'ReadOnly', '--tags', 'aws:x=1', '--role-path', 'a', '-o', 'json'];
  const { exitCode, stderr } = await site.podrole(
    'bind',
    '-n',
    'Shop',
    'web_',
    '--issuer',
    'https://a.test',
    ...wrong,
  );
  assert.equal(exitCode, 3);
  const errors = asArray(asObject(JSON.parse(stderr))?.['errors']) ?? [];
  assert.equal(errors.length, 4, stderr);
});

test('a role that has the name by chance is not touched', async () => {
  await site.podrole(...BIND);
  site.iam.roles.get('shop-web')?.tags.clear();
  const { stderr } = await site.podrole(...BIND);
  assert.match(
    stderr,
    /role shop-web: exists, and podrole did not create it; give --role-name shop-web or --adopt to use it anyway/,
  );
  assert.equal((await site.podrole(...BIND, '--role-name', 'shop-web')).exitCode, 0);
});

test('a role without ownership tags gets no tags, and no managed policies that a tag would remember', async () => {
  const untagged = ['bind', '-n', 'shop', 'web', ...THUMBPRINT, '--ownership-tags=false'];
  const refused = await site.podrole(...untagged, '--attach-policy-arn', READ_ONLY, '--approve');
  assert.equal(refused.exitCode, 2);
  assert.match(refused.stderr, /--ownership-tags: .*shop\/web.*--policy-file/);
  assert.deepEqual(site.iam.writes(), []);
  assert.equal((await site.podrole(...untagged, '--approve')).exitCode, 0);
  assert.deepEqual(site.iam.roles.get('shop-web')?.tags, new Map());
});

test('a subject pattern that lets nobody in is refused, with the right form', async () => {
  const { exitCode, stderr } = await site.podrole(
    ...['bind', '-n', 'shop', 'web', '--subject-pattern', 'system:serviceaccount:'],
  );
  assert.equal(exitCode, 3);
  assert.match(stderr, /binding shop\/web: .*lets nobody in; write system:serviceaccount:NAMESPACE:NAME/);
});

for (const name of ['a..b', 'a.-b', '.a', 'a.', 'a-', 'a'.repeat(254)]) {
  test(`not the name of a ServiceAccount: ${name.slice(0, 10)}`, async () => {
    const { exitCode, stderr } = await site.podrole('bind', '-n', 'shop', name);
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, /has .* for a ServiceAccount; give up to 253 of the characters a-z, 0-9, - and \./);
  });
}
