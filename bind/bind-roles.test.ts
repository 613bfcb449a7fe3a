import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { useBindSite } from '../testing/bind/bind-site.ts';

/** Whose an existing role is, and what may be changed of it. */
const LOGS = 'arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess';
const READ_ONLY = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
const THUMBPRINT = ['--thumbprint', '990F4193972F2BECF12DDEDA5237F9C952F20D9E'];
const WEB = ['bind', '-n', 'shop', 'web', ...THUMBPRINT];
const NEW = 'https://oidc.example.test/two';

const folder = mkdtempSync(join(tmpdir(), 'podrole-roles-'));
const site = useBindSite();
after(() => rmSync(folder, { recursive: true }));

const role = (name = 'shop-web') => site.iam.roles.get(name) ?? assert.fail(`role ${name} does not exist`);

/** Lines of a plan, one per step. */
async function planned(...args: string[]): Promise<readonly string[]> {
  const { stdout, stderr } = await site.podrole(...args);
  assert.equal(stderr, '');
  return stdout.split('\n').filter((line) => /^\S+ .*: /.test(line));
}

test('session duration and boundary are changed if they are asked for, and the description is kept', async () => {
  const boundary = 'arn:aws:iam::111122223333:policy/bound';
  await site.podrole(...WEB, '--approve');
  role().description = 'mine';
  const args = [...WEB, '--session-duration', '7200', '--permissions-boundary', boundary];
  assert.deepEqual(await planned(...args), [
    '~ role shop-web: change the longest session from 3600 s to 7200 s',
    `~ role shop-web: change the permissions boundary from none to ${boundary}`,
  ]);
  await site.podrole(...args, '--approve');
  assert.deepEqual([role().maxSessionDuration, role().boundary], ['7200', boundary]);
  assert.equal(
    site.iam.calls.find(({ action }) => action === 'UpdateRole')?.parameters['Description'],
    'mine',
  );
  assert.deepEqual(await planned(...WEB), [], 'what is not asked for stays');
});

test('a role of another path, ServiceAccount or cluster is refused', async () => {
  await site.podrole(...WEB, '--role-path', '/a/', '--approve');
  assert.deepEqual(await planned(...WEB), [], 'a path that is not asked for stays');
  assert.match(
    (await site.podrole(...WEB, '--role-path', '/b/')).stderr,
    /exists as arn:.*role\/a\/shop-web, and .*; give --role-path \/a\//,
  );
  role().tags.set('podrole.dev/service-account', 'a/b');
  assert.match(
    (await site.podrole(...WEB, '--role-path', '/a/')).stderr,
    /was created for ServiceAccount a\/b; give --role-name shop-web/,
  );
  role().tags.set('podrole.dev/service-account', 'shop/web');
  const other = await site.podrole(...WEB, '--role-path', '/a/', '--issuer', NEW);
  assert.match(
    other.stderr,
    /was created for a cluster with the issuer oidc\.example\.test\/one; give --cluster-name/,
  );
});

test('clusters that share a role by its name take nothing from each other', async () => {
  await site.podrole(...WEB, '--attach-policy-arn', READ_ONLY, '--well-known', 'vpc-cni-ipv6', '--approve');
  const second = [...WEB, '--issuer', NEW, '--role-name', 'shop-web', '--attach-policy-arn', LOGS];
  const { stdout } = await site.podrole(...second, '--approve', '--override-existing-serviceaccounts');
  assert.match(stdout, /^note: role shop-web is shared with shop\/web: nothing is removed from it$/m);
  assert.deepEqual([...role().attached], [READ_ONLY, LOGS]);
  assert.deepEqual([...role().inline.keys()], ['podrole-vpc-cni-ipv6']);
  assert.equal(role().tags.get('podrole.dev/issuer'), 'oidc.example.test/one');
  assert.equal(JSON.parse(role().trustPolicy).Statement.length, 2);
});

test('while both issuers are trusted the role stays that of the first', async () => {
  await site.podrole(...WEB, '--approve');
  await site.podrole(...WEB, '--issuer', NEW, '--also-issuer', 'https://oidc.example.test/one', '--approve');
  assert.equal(role().tags.get('podrole.dev/issuer'), 'oidc.example.test/one');
  assert.deepEqual(await planned(...WEB), []);
});

test('ServiceAccounts of a file may share an attached role, but not a role that podrole creates', async () => {
  await site.podrole('bind', '-n', 'ops', 'job', '--role-name', 'shared', ...THUMBPRINT, '--approve');
  const entry = (name: string, how: object) => ({ namespace: 'shop', serviceAccount: name, ...how });
  const file = (name: string, how: object) => {
    const path = join(folder, name);
    const bindings = [entry('web', how), entry('api', how)];
    writeFileSync(path, JSON.stringify({ apiVersion: 'podrole.dev/v1alpha1', kind: 'Bindings', bindings }));
    return path;
  };
  const attached = file('attached.json', { attachRoleArn: 'arn:aws:iam::111122223333:role/shared' });
  assert.equal((await site.podrole('bind', '-f', attached, ...THUMBPRINT, '--approve')).exitCode, 0);
  assert.equal(JSON.parse(role('shared').trustPolicy).Statement.length, 3);
  assert.equal(site.iam.writes().filter((action) => action === 'UpdateAssumeRolePolicy').length, 1);
  assert.deepEqual(await planned('bind', '-f', attached, ...THUMBPRINT), []);
  const made = file('made.json', { roleName: 'both' });
  assert.match(
    (await site.podrole('bind', '-f', made, ...THUMBPRINT)).stderr,
    /binding shop\/api: has the role of binding shop\/web, /,
  );
});

test('a role of another account is only annotated', async () => {
  const { exitCode, stdout } = await site.podrole(
    ...WEB,
    '--attach-role-arn',
    'arn:aws:iam::444455556666:role/web',
    '--approve',
  );
  assert.equal(exitCode, 0);
  assert.match(
    stdout,
    /^note: arn:aws:iam::444455556666:role\/web is in another account: .*444455556666:oidc-provider/m,
  );
  assert.deepEqual(site.iam.writes(), []);
});

test('a Deny that outweighs the new statement is pointed at', async () => {
  await site.podrole(...WEB, '--approve');
  const policy = JSON.parse(role().trustPolicy);
  policy.Statement.push({ Sid: 'Closed', Effect: 'Deny', Principal: '*', Action: 'sts:*' });
  role().trustPolicy = JSON.stringify(policy);
  assert.deepEqual((await site.podrole(...WEB)).stdout.split('\n').slice(0, 1), [
    'not done: role shop-web: the trust policy does not let in system:serviceaccount:shop:web: Closed denies it',
  ]);
});
