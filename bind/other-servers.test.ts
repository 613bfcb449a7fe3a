import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asObject } from '../lib/json/json.ts';
import { iamRefusal } from '../testing/aws/iam-server.ts';
import { SITE_ISSUER, useBindSite } from '../testing/bind/bind-site.ts';
import { runCli } from '../testing/processes/cli.ts';

const ACCOUNT = '/api/v1/namespaces/shop/serviceaccounts/web';
const ROLE_KEY = 'eks.amazonaws.com/role-arn';
const WEB = ['-n', 'shop', 'web'];
const THUMBPRINT = ['--thumbprint', '990F4193972F2BECF12DDEDA5237F9C952F20D9E'];
const MINIO = 'arn:minio:iam:::role/nOybJqMNzNmroqEKq5D0EUsRZw0';

const site = useBindSite();

async function succeed(...args: string[]) {
  const { exitCode, stdout, stderr } = await site.podrole(...args);
  assert.equal(exitCode, 0, stderr);
  return { stdout, stderr };
}

const annotated = () =>
  asObject(asObject(site.cluster.objects.get(ACCOUNT)?.['metadata'])?.['annotations'])?.[ROLE_KEY];

for (const [server, account] of [
  ["Ceph's default tenant", ''],
  ['a tenant of Ceph', 'tenant1'],
  ['an account of Ceph', 'RGW11111111111111111'],
] as const) {
  const arn = (resource: string) => `arn:aws:iam::${account}:${resource}`;
  const provider = arn('oidc-provider/oidc.example.test/one');

  test(`${server}: bind, list and unbind`, async () => {
    site.iam.account = account;
    const bind = ['bind', ...WEB, ...THUMBPRINT, '--approve'];
    await succeed(...bind);
    assert.deepEqual([...site.iam.providers.keys()], [provider]);
    assert.match(site.iam.roles.get('shop-web')?.trustPolicy ?? '', new RegExp(`"${provider}"`));
    assert.equal(annotated(), arn('role/shop-web'));
    assert.equal((await succeed(...bind)).stdout, 'no changes\n');

    const { stdout } = await list();
    assert.match(stdout, new RegExp(`shop +web +bound +${arn('role/shop-web')}\n`));

    await succeed('unbind', ...WEB, '--approve');
    assert.deepEqual([...site.iam.roles.keys()], []);
  });

  test(`${server}: an attached role is trusted, by a provider of the same account`, async () => {
    site.iam.account = account;
    await succeed('bind', '-n', 'ops', 'job', '--role-name', 'app', ...THUMBPRINT, '--approve');
    const before = site.iam.writes().length;
    const { stderr } = await succeed(
      ...['bind', ...WEB, '--attach-role-arn', arn('role/app'), ...THUMBPRINT, '--approve'],
    );
    assert.doesNotMatch(stderr, /^note/m);
    assert.deepEqual(site.iam.writes().slice(before), ['UpdateAssumeRolePolicy']);
    assert.equal(annotated(), arn('role/app'));
  });

  test(`${server}: provider show and delete`, async () => {
    site.iam.account = account;
    await succeed('provider', 'ensure', ...THUMBPRINT, '--approve');
    assert.match((await succeed('provider', 'show', ...THUMBPRINT)).stdout, new RegExp(`ARN +${provider}\n`));
    await succeed('provider', 'delete', '--approve');
    assert.equal(site.iam.providers.size, 0);
  });
}

test('a role of Ceph without tags is not tagged by a later run that does not name the flag', async () => {
  site.iam.account = 'tenant1';
  const bind = ['bind', ...WEB, ...THUMBPRINT, '--role-name', 'shop-web', '--approve'];
  await succeed(...bind, '--ownership-tags=false');
  const { stdout } = await succeed(...bind, '--session-duration', '7200');
  assert.match(stdout, /longest session from 3600 s to 7200 s/);
  assert.match(stdout, /note: role shop-web was made with --ownership-tags=false, and stays without/);
  assert.deepEqual([...(site.iam.roles.get('shop-web')?.tags ?? [])], []);
  const byDefaultName = bind.filter((argument) => !['--role-name', 'shop-web'].includes(argument));
  const refused = await site.podrole(...byDefaultName);
  assert.match(
    refused.stderr,
    /has no tags that show whether podrole created it .*give --role-name shop-web/,
  );
});

test('a role of another tenant is not looked for among the own ones', async () => {
  site.iam.account = 'tenant1';
  const role = 'arn:aws:iam:::role/app';
  const { stdout } = await succeed('bind', ...WEB, '--attach-role-arn', role, '--approve');
  assert.match(stdout, new RegExp(`note: ${role} is in another account: its trust policy is not checked`));
  assert.equal(annotated(), role);
  assert.match((await succeed('unbind', ...WEB)).stdout, /is in another account and is left unchanged/);
});

test('a role of MinIO is annotated and nothing else, and IAM is not asked', async () => {
  const bind = ['bind', ...WEB, '--attach-role-arn', MINIO];
  const { stdout, stderr } = await succeed(...bind, '--approve');
  assert.match(stdout, /is a role of MinIO: give it the issuer and its policies there/);
  assert.doesNotMatch(stderr, /^note/m);
  assert.equal(annotated(), MINIO);
  const exported = await succeed(...bind, '-o', 'aws-cli');
  assert.deepEqual(JSON.parse(exported.stdout).trustPolicies, []);
  const { stdout: unbound } = await succeed('unbind', ...WEB, '--approve');
  assert.match(unbound, /is in MinIO and is left unchanged/);
  assert.equal(annotated(), undefined);
  assert.deepEqual(site.iam.calls, []);
});

test('list shows roles of other servers as such', async () => {
  await succeed('bind', ...WEB, ...THUMBPRINT, '--approve');
  for (const [name, role] of [
    ['minio', MINIO],
    ['tenant', 'arn:aws:iam::tenant1:role/app'],
    ['default', 'arn:aws:iam:::role/app'],
    ['policy', 'arn:aws:iam::tenant1:policy/app'],
  ]) {
    site.cluster.put({ metadata: { namespace: 'ceph', name, annotations: { [ROLE_KEY]: role } } });
  }
  const rows: readonly Record<string, unknown>[] = JSON.parse(
    (await list('-n', 'ceph', '-o', 'json')).stdout,
  );
  assert.deepEqual(
    rows.map(({ serviceAccount, state, details }) => [serviceAccount, state, details]),
    [
      ['default', 'other account', ['these credentials are for account 111122223333']],
      ['minio', 'other account', ['the role is in MinIO, which has no IAM']],
      ['policy', 'no role', ['the annotation is not the ARN of a role']],
      ['tenant', 'other account', ['these credentials are for account 111122223333']],
    ],
  );
});

test('an unusual role ARN is used, with a note', async () => {
  const { stderr } = await succeed('bind', ...WEB, '--attach-role-arn', 'arn:aws:iam::1111:role/app');
  assert.equal(
    stderr,
    'note: the role ARN arn:aws:iam::1111:role/app has an account of 4 digits, not of twelve\n',
  );
});

for (const account of ['', '1111', 'a b', 'tenant/1', 'tenant:1', 't'.repeat(200)]) {
  test(`--account-id ${JSON.stringify(account)} is refused, and IAM is not asked`, async () => {
    const { exitCode, stderr } = await runCli(['provider', 'show', '--account-id', account]);
    assert.equal(exitCode, 2);
    assert.match(
      stderr,
      /^error: --account-id: is .*(empty|twelve digits, a tenant of Ceph, or none); .*\n$/,
    );
    assert.deepEqual(site.iam.calls, []);
  });
}

test('without --account-id the account is that of an ARN which the server lists', async () => {
  site.iam.account = '';
  site.iam.refuse = ({ action }) =>
    action === 'GetCallerIdentity' ? iamRefusal(405, 'MethodNotAllowed', 'not here') : undefined;
  const show = ['provider', 'show', '--issuer', SITE_ISSUER, ...THUMBPRINT];
  assert.match((await runCli(show)).stderr, /--account-id: is not set.*, or none for its default tenant/);
  await succeed('provider', 'ensure', ...THUMBPRINT, '--approve');
  const { exitCode, stdout, stderr } = await runCli(show);
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, /ARN +arn:aws:iam:::oidc-provider\/oidc\.example\.test\/one\n/);
});

async function list(...args: string[]) {
  const found = await runCli(['list', ...args, '--kube-api', site.cluster.url]);
  assert.equal(found.exitCode, 0, found.stderr);
  return found;
}
