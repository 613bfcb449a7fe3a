import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asObject } from '../lib/json/json.ts';
import { useBindSite } from '../testing/bind/bind-site.ts';

const READ_ONLY = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
const ACCOUNT = '/api/v1/namespaces/shop/serviceaccounts/web';
const WEB = ['-n', 'shop', 'web'];
const BIND = ['bind', ...WEB, '--thumbprint', '990F4193972F2BECF12DDEDA5237F9C952F20D9E', '--approve'];

const site = useBindSite();

test('what podrole made goes, the ServiceAccount first; again there is nothing to do', async () => {
  await site.podrole(...BIND, '--attach-policy-arn', READ_ONLY, '--well-known', 'vpc-cni-ipv6');
  const before = [site.iam.writes().length, site.cluster.writes.length];
  const plan = await site.podrole('unbind', ...WEB);
  assert.match(
    plan.stdout,
    /^- REMOVAL: ServiceAccount shop\/web: delete.*^- REMOVAL: role shop-web: delete arn.*; give --approve/ms,
  );
  assert.deepEqual([site.iam.writes().length, site.cluster.writes.length], before);
  assert.equal((await site.podrole('unbind', ...WEB, '--approve')).exitCode, 0);
  assert.deepEqual(site.iam.writes().slice(before[0]), [
    'DetachRolePolicy',
    'DeleteRolePolicy',
    'DeleteRole',
  ]);
  assert.deepEqual(site.cluster.writes.slice(before[1]), [`DELETE ${ACCOUNT}`]);
  assert.equal((await site.podrole('unbind', ...WEB)).stdout, 'no changes\n');
});

const NO_NAMES: readonly (readonly [namespace: string, name: string])[] = [
  ['shop', 'web '],
  ['shop', 'web#x'],
  ['shop', 'web?x=1'],
  ['shop', '../serviceaccounts/web'],
  ['shop', '../cli'],
  ['shop', '%77eb'],
  ['shop', 'a..b'],
  ['shop', 'Web_bad'],
  ['shop', ''],
  ['shop/serviceaccounts/web?', 'x'],
  ['SHOP', 'web'],
  ['../cli', 'web'],
];
for (const [namespace, name] of NO_NAMES) {
  test(`not the name of a ServiceAccount, so nothing is read or written: ${namespace} ${name}`, async () => {
    await site.podrole(...BIND);
    const before = [site.iam.writes().length, site.cluster.writes.length];
    const { exitCode, stderr } = await site.podrole('unbind', '-n', namespace, name, '--approve');
    assert.equal(exitCode, 2, stderr);
    assert.match(
      stderr,
      /for a (ServiceAccount; give up to 253|namespace; give up to 63)|is a file, not|is in namespace a?|too many parts/,
    );
    assert.deepEqual([site.iam.writes().length, site.cluster.writes.length], before);
    assert.ok(site.cluster.objects.has(ACCOUNT) && site.iam.roles.has('shop-web'));
  });
}

test('an invalid role name is refused', async () => {
  const { exitCode, stderr } = await site.podrole('unbind', ...WEB, '--role-name', 'a/b', '--approve');
  assert.equal(exitCode, 2);
  assert.match(stderr, /ServiceAccount shop\/web: has "a\/b" for a role name; give 1 to 64/);
});

test('of a ServiceAccount that was there only the annotation goes', async () => {
  const metadata = { namespace: 'shop', name: 'web', annotations: { keep: 'this' } };
  site.cluster.objects.set(ACCOUNT, { metadata });
  await site.podrole(...BIND);
  await site.podrole('unbind', ...WEB, '--approve');
  assert.deepEqual(site.cluster.objects.get(ACCOUNT)?.['metadata'], { ...metadata, resourceVersion: '102' });
});

test('policies of others keep the role, unless --prune is given', async () => {
  await site.podrole(...BIND);
  site.iam.roles.get('shop-web')?.attached.add(READ_ONLY);
  const refused = await site.podrole('unbind', ...WEB, '--approve');
  assert.equal(refused.exitCode, 3);
  assert.match(refused.stderr, /role shop-web: has policies that podrole did not add: .*S3ReadOnly/);
  assert.ok(site.cluster.objects.has(ACCOUNT), 'nothing was done');
  assert.equal((await site.podrole('unbind', ...WEB, '--prune', '--approve')).exitCode, 0);
  assert.equal(site.iam.roles.size, 0);
});

test("of a role that others use only podrole's statement for the ServiceAccount goes", async () => {
  await site.podrole('bind', '-n', 'ops', 'job', '--role-name', 'shared', ...BIND.slice(4));
  const before = site.iam.roles.get('shared')?.trustPolicy;
  await site.podrole(...BIND, '--role-name', 'shared', '--attach-policy-arn', READ_ONLY);
  assert.notEqual(site.iam.roles.get('shared')?.trustPolicy, before);
  await site.podrole('unbind', ...WEB, '--approve');
  assert.equal(site.iam.roles.get('shared')?.trustPolicy, before);
});

test('an adopted role stays, without what podrole added', async () => {
  await site.podrole(...BIND, '--role-name', 'own');
  const role = site.iam.roles.get('own') ?? assert.fail();
  for (const tag of role.tags.keys()) role.tags.delete(tag);
  const foreign = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  role.trustPolicy = JSON.stringify(foreign);
  await site.podrole(...BIND, '--role-name', 'own', '--attach-policy-arn', READ_ONLY);
  assert.deepEqual([...role.attached], [READ_ONLY]);
  const { exitCode, stderr } = await site.podrole('unbind', ...WEB, '--approve');
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(
    [JSON.parse(role.trustPolicy), [...role.attached], [...role.tags.keys()]],
    [foreign, [], []],
  );
});

test('a ServiceAccount that podrole made and a tool took over stays', async () => {
  await site.podrole(...BIND);
  const { metadata } = site.cluster.objects.get(ACCOUNT) ?? {};
  site.cluster.objects.set(ACCOUNT, {
    metadata: { ...asObject(metadata), labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
  });
  await site.podrole('unbind', ...WEB, '--approve');
  assert.deepEqual(asObject(site.cluster.objects.get(ACCOUNT)?.['metadata'])?.['annotations'], {});
});

test('a role that was created for several issuers and a pattern is deleted anyway', async () => {
  const more = [
    '--also-issuer',
    'https://oidc.example.test/two',
    '--subject-pattern',
    'system:serviceaccount:shop:*',
  ];
  await site.podrole(...BIND);
  await site.podrole(...BIND, ...more);
  assert.equal(JSON.parse(site.iam.roles.get('shop-web')?.trustPolicy ?? '').Statement.length, 3);
  await site.podrole('unbind', ...WEB, '--approve');
  assert.equal(site.iam.roles.size, 0);
});

test('the last statement of a role that podrole did not create stays, with a note', async () => {
  await site.podrole(...BIND, '--role-name', 'own');
  site.iam.roles.get('own')?.tags.delete('podrole.dev/managed-by');
  const { stdout } = await site.podrole('unbind', ...WEB, '--approve');
  assert.match(
    stdout,
    /^note: role own trusts nobody else, and IAM refuses a trust policy without statements/m,
  );
  assert.equal(site.iam.roles.size, 1);
});

test('a role of another account, and another role than the annotated one, are left alone', async () => {
  const arn = 'arn:aws:iam::444455556666:role/shop-web';
  await site.podrole(...BIND);
  await site.podrole(...BIND, '--attach-role-arn', arn, '--override-existing-serviceaccounts');
  const wrong = await site.podrole('unbind', ...WEB, '--role-name', 'other');
  assert.match(wrong.stderr, /--role-name: is other, the ServiceAccount is annotated with shop-web/);
  assert.match(
    (await site.podrole('unbind', ...WEB, '--approve')).stdout,
    /^note: arn:aws:iam::444455556666:role\/shop-web is in another account/m,
  );
  assert.equal(site.iam.roles.size, 1);
});

test('for a program a plan is JSON: what changes, by which call, and whether it was done', async () => {
  await site.podrole(...BIND);
  const plan = JSON.parse((await site.podrole('unbind', ...WEB, '-o', 'json')).stdout);
  const calls = plan.changes.map(({ call }: { call: object }) => call);
  assert.deepEqual(calls.at(-1), {
    service: 'iam',
    operation: 'DeleteRole',
    input: { RoleName: 'shop-web' },
  });
  assert.equal(plan.applied, false);
  const again = JSON.parse((await site.podrole(...BIND.slice(0, -1), '-o', 'json')).stdout);
  assert.deepEqual(again, { changes: [], notes: [], notDone: [], applied: false });
  const refused = await site.podrole('unbind', ...WEB, '--role-name', 'other', '-o', 'json');
  assert.equal(JSON.parse(refused.stderr).errors[0].object, '--role-name');
  const done = JSON.parse((await site.podrole('unbind', ...WEB, '--approve', '-o', 'json')).stdout);
  assert.deepEqual([done.applied, done.changes], [true, plan.changes]);
});

test('a role of podrole that another ServiceAccount was let into stays for that one', async () => {
  await site.podrole(...BIND);
  const arn = 'arn:aws:iam::111122223333:role/shop-web';
  await site.podrole('bind', '-n', 'shop', 'api', ...BIND.slice(4), '--attach-role-arn', arn);
  await site.podrole('unbind', ...WEB, '--approve');
  const { trustPolicy = '' } = site.iam.roles.get('shop-web') ?? {};
  assert.match(trustPolicy, /shop:api/);
  assert.doesNotMatch(trustPolicy, /shop:web/);
  // podrole made the role, and the last one to leave closes the door.
  await site.podrole('unbind', '-n', 'shop', 'api', '--approve');
  assert.equal(site.iam.roles.size, 0);
});

test('a ServiceAccount that somebody changes between look and write is not deleted', async () => {
  await site.podrole(...BIND);
  site.cluster.trouble = ({ method }) => {
    if (method === 'DELETE')
      site.cluster.objects.set(ACCOUNT, { metadata: { name: 'web', resourceVersion: '999' } });
    return undefined;
  };
  const { exitCode, stderr } = await site.podrole('unbind', ...WEB, '--approve');
  assert.equal(exitCode, 3);
  assert.match(stderr, /ServiceAccount shop\/web: DELETE .* answered 409/);
  assert.equal(site.iam.roles.size, 1);
});
