import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asObject } from '../lib/json/json.ts';
import { useBindSite } from '../testing/bind/bind-site.ts';
import { addTargetRole, OF_EC2, statementsIn } from '../testing/bind/target-role.ts';

const TARGET = 'arn:aws:iam::111122223333:role/reports';
const ELSEWHERE = 'arn:aws:iam::444455556666:role/reports';
const THUMBPRINT = ['--thumbprint', '990F4193972F2BECF12DDEDA5237F9C952F20D9E'];

const site = useBindSite();

async function bind(target: string, name = 'web', ...args: string[]): Promise<void> {
  const flags = ['--role-name', `shop-${name}`, '--cluster-name', 'one', ...THUMBPRINT, ...args];
  const { exitCode, stderr } = await site.podrole(
    ...['bind', '-n', 'shop', name, '--target-role-arn', target, ...flags, '--approve'],
  );
  assert.ok(exitCode === 0 || target === ELSEWHERE, stderr);
}

const unbind = (...args: string[]) => site.podrole('unbind', '-n', 'shop', ...args);

test('a target role loses exactly the statement of the ServiceAccount', async () => {
  addTargetRole(site.iam, 'reports', OF_EC2);
  await bind(TARGET);
  await bind(TARGET, 'job');
  const plan = await unbind('web');
  assert.match(plan.stdout, /^- REMOVAL: role reports: change the trust policy to \d+ characters$/m);
  assert.equal((await unbind('web', '--approve')).exitCode, 0);
  const left = statementsIn(site.iam, 'reports');
  assert.deepEqual(
    left.map(({ Sid }) => Sid?.slice(0, 13)),
    [undefined, 'PodroleTarget'],
  );
  assert.equal(left[1]?.Principal?.AWS, 'arn:aws:iam::111122223333:role/shop-job');
  assert.equal(site.iam.roles.has('shop-web'), false);
  assert.equal((await unbind('job', '--approve')).exitCode, 0);
  assert.deepEqual(statementsIn(site.iam, 'reports'), [OF_EC2]);
});

test('both at once take both statements', async () => {
  addTargetRole(site.iam, 'reports', OF_EC2);
  await bind(TARGET);
  await bind(TARGET, 'job');
  assert.equal((await unbind('web', 'job', '--approve')).exitCode, 0);
  assert.deepEqual(statementsIn(site.iam, 'reports'), [OF_EC2]);
});

test('a ServiceAccount of others keeps nothing of the target', async () => {
  addTargetRole(site.iam, 'reports', OF_EC2);
  const path = '/api/v1/namespaces/shop/serviceaccounts/web';
  site.cluster.objects.set(path, {
    metadata: { name: 'web', namespace: 'shop', annotations: { keep: 'this' } },
  });
  await bind(TARGET, 'web', '--session-tags=false');
  assert.equal((await unbind('web', '--approve')).exitCode, 0);
  const metadata = asObject(site.cluster.objects.get(path)?.['metadata']);
  assert.deepEqual(metadata?.['annotations'], { keep: 'this' });
});

test('a target role of another account is named, with the statement that its owner should remove', async () => {
  await bind(ELSEWHERE);
  const { exitCode, stdout } = await unbind('web', '--approve');
  assert.equal(exitCode, 3);
  assert.match(
    stdout,
    /^not done: target role .*444455556666.*: its owner should remove the statement PodroleTarget\w{10}/m,
  );
});

test('a target role that would trust nobody, that is gone, or that lost the statement stays as it is', async () => {
  addTargetRole(site.iam, 'reports');
  await bind(TARGET);
  assert.match(
    (await unbind('web')).stdout,
    /note: target role .* trusts nobody else, and IAM refuses an empty/,
  );
  addTargetRole(site.iam, 'reports', OF_EC2);
  assert.doesNotMatch((await unbind('web')).stdout, /role reports/);
  site.iam.roles.delete('reports');
  assert.equal((await unbind('web', '--approve')).exitCode, 0);
});

test('a role of podrole that is the target of others is kept with its policies', async () => {
  await site.podrole('bind', '-n', 'ops', 'reports', '--role-name', 'reports', ...THUMBPRINT, '--approve');
  await bind(TARGET);
  const { stdout } = await site.podrole('unbind', '-n', 'ops', 'reports', '--approve');
  assert.match(stdout, /note: role reports is kept with its policies/);
  assert.deepEqual(
    statementsIn(site.iam, 'reports').map(({ Action }) => Action),
    [['sts:AssumeRole', 'sts:TagSession']],
  );
});
