import assert from 'node:assert/strict';
import { test } from 'node:test';
import { iamRefusal } from '../../testing/aws/iam-server.ts';
import { useBindSite } from '../../testing/bind/bind-site.ts';
import { bindState, takenAway } from '../../testing/bind/bind-state.ts';
import { runCli } from '../../testing/processes/cli.ts';

const THUMBPRINT = ['--thumbprint', '990F4193972F2BECF12DDEDA5237F9C952F20D9E'];
const ENSURE = ['provider', 'ensure', ...THUMBPRINT];
const SHOW = ['provider', 'show', ...THUMBPRINT];

const site = useBindSite();

const provider = () => [...site.iam.providers.values()][0] ?? assert.fail('there is no provider');

test('ensure shows, makes, and then has nothing to do', async () => {
  const plan = await site.podrole(...ENSURE, '--exit-code');
  assert.equal(plan.exitCode, 1);
  assert.match(
    plan.stdout,
    /^\+ OIDC provider .*\/one: create, client ID sts.amazonaws.com, thumbprint 990f\w+\nPlan: 1 OIDC provider to create\n1 change; give --approve/,
  );
  assert.deepEqual(site.iam.writes(), []);
  assert.equal((await site.podrole(...ENSURE, '--approve')).exitCode, 0);
  assert.deepEqual(await site.podrole(...ENSURE, '--exit-code'), {
    exitCode: 0,
    stdout: 'no changes\n',
    stderr: '',
  });
});

test('ensure adopts what is there, and removes nothing without --prune', async () => {
  await site.podrole(...ENSURE, '--approve', '--client-id', 'vault');
  await site.podrole(...ENSURE, '--approve', '--tags', 'team=shop');
  assert.deepEqual([...provider().clientIds], ['vault', 'sts.amazonaws.com']);
  assert.equal(provider().tags.get('team'), 'shop');
  await site.podrole(...ENSURE, '--approve', '--prune');
  assert.deepEqual([...provider().clientIds], ['sts.amazonaws.com']);
});

test('a server without the calls for changes works if nothing changes', async () => {
  await site.podrole(...ENSURE, '--approve');
  site.iam.refuse = ({ action }) =>
    /^(Add|Update|Tag)/.test(action) ? iamRefusal(405, 'MethodNotAllowed', 'no') : undefined;
  assert.equal((await site.podrole(...ENSURE, '--approve')).exitCode, 0);
  const { exitCode, stderr } = await site.podrole(...ENSURE, '--approve', '--client-id', 'vault');
  assert.equal(exitCode, 3);
  assert.match(
    stderr,
    /this server has no AddClientIDToOpenIDConnectProvider; make that change by its own means/,
  );
});

test('an unpublished issuer is a fault for a new provider, and a note for an existing one', async () => {
  // Nothing listens there.
  const local = ['--issuer', 'https://127.0.0.1/one'];
  const { exitCode, stderr } = await site.podrole('provider', 'ensure', ...local);
  assert.equal(exitCode, 3);
  assert.match(
    stderr,
    /issuer https:\/\/127\.0\.0\.1\/one: could not read the certificate chain from .*; publish the issuer first, or give --thumbprint/,
  );
  await site.podrole(...ENSURE, ...local, '--approve');
  const there = await site.podrole('provider', 'ensure', ...local);
  assert.match(there.stdout, /^note: thumbprints are left as they are: .*\nno changes\n$/);
});

test('show compares with what tokens need', async () => {
  const none = await site.podrole(...SHOW);
  assert.match(none.stderr, /OIDC provider .*\/one: does not exist; run podrole provider ensure --approve/);
  await site.podrole(...ENSURE, '--approve');
  const good = await site.podrole(...SHOW);
  assert.equal(good.exitCode, 0);
  assert.match(
    good.stdout,
    /^ARN {11}arn:aws:iam::111122223333:oidc-provider\/oidc\.example\.test\/one\nURL {11}https:.*client IDs {4}sts\.amazonaws\.com\n/s,
  );
  provider().clientIds.clear();
  provider().thumbprints = ['0'.repeat(40)];
  const bad = await site.podrole(...SHOW, '-o', 'json');
  const { problems, notes } = JSON.parse(bad.stdout);
  assert.deepEqual([bad.exitCode, problems.length, notes.length], [3, 1, 1]);
  const near = await site.podrole(...SHOW, '--issuer', 'https://oidc.example.test/one/');
  assert.match(near.stderr, /oidc\.example\.test\/one differs only in case or slashes/);
});

test('delete refuses while a role trusts it, unless --force is given', async () => {
  await site.podrole('bind', '-n', 'shop', 'web', ...THUMBPRINT, '--approve');
  const refused = await site.podrole('provider', 'delete', '--approve');
  assert.equal(refused.exitCode, 3);
  assert.match(refused.stderr, /is trusted by role shop-web; unbind/);
  assert.match(
    (await site.podrole('provider', 'delete', '--force')).stdout,
    /: delete\nnote: pods with the roles shop-web lose access to AWS\nPlan: 1 OIDC provider to delete\n1 change, 1 of them a removal; give --approve/,
  );
  assert.equal((await site.podrole('provider', 'delete', '--force', '--approve')).exitCode, 0);
  assert.equal(site.iam.providers.size, 0);
  assert.equal((await site.podrole('provider', 'delete')).stdout, 'no changes\n');
});

test('without --account-id the account is that of the credentials', async () => {
  const args = ['bind', '-n', 'shop', 'web', ...THUMBPRINT];
  await site.podrole(...args, '--approve');
  const same = await runCli([...args, '--kube-api', site.cluster.url]);
  assert.match(
    same.stdout,
    /^cluster: API server 127.0.0.1:\d+\naccount: 111122223333, partition aws\nissuer: .*\n\nno changes\n$/,
  );
  assert.ok(site.iam.calls.some(({ action }) => action === 'GetCallerIdentity'));
});

test('a value that IAM would refuse is reported as a fault of the setting', async () => {
  for (const [args, said] of [
    [['--issuer', 'https://oidc.example.test:8443'], /has a port, which IAM does not allow/],
    [['--issuer', 'https://oidc.example.test/a b'], /has a space or a character outside ASCII/],
    [['--issuer', 'https://öidc.example.test'], /has a space or a character outside ASCII/],
    [['--thumbprint', 'abc'], /--thumbprint: holds "abc"; give a SHA-1/],
    [['--client-id', 'a'.repeat(256)], /--client-id: holds one of 256 characters/],
    [['--tags', 'aws:a=b,c'], /--tags: holds "c"/],
    [['--partition', 'AWS'], /--partition: is "AWS"/],
  ] as const) {
    const { exitCode, stderr } = await site.podrole('provider', 'ensure', ...args);
    assert.notEqual(exitCode, 0);
    assert.match(stderr, said);
  }
});

const PRINT = '990f4193972f2becf12ddeda5237f9c952f20d9e';

async function done(...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await site.podrole(...args);
  assert.equal(exitCode, 0, stderr);
  return stdout;
}

test('provider ensure removes nothing without --prune: client IDs, thumbprints, tags', async () => {
  const other = 'a'.repeat(40);
  const ensure = ['provider', 'ensure'];
  await done(...ensure, ...THUMBPRINT, '--client-id', 'vault', '--tags', 'team=shop', '--approve');
  const before = bindState(site);
  const said = await done(...ensure, '--thumbprint', other, '--tags', 'cost=1', '--approve');
  assert.doesNotMatch(said, /REMOVAL/);
  const now = bindState(site);
  assert.deepEqual(takenAway(before, now), []);
  const [provider] = site.iam.providers.values();
  assert.deepEqual(provider?.thumbprints, [other, PRINT]);
  const pruned = await done(...ensure, '--thumbprint', other, '--prune', '--approve');
  assert.match(pruned, /^- REMOVAL: OIDC provider .*: remove client ID vault: /m);
  assert.match(
    pruned,
    new RegExp(`^- REMOVAL: OIDC provider .*: change thumbprints, and remove ${PRINT}$`, 'm'),
  );
  assert.match(pruned, /2 of them removals; making them\n$/);
  assert.deepEqual(provider?.thumbprints, [other]);
  assert.equal(provider?.tags.get('team'), 'shop');
});

test('a bind with --thumbprint takes none from a provider', async () => {
  await done('bind', '-n', 'shop', 'web', ...THUMBPRINT, '--approve');
  const before = bindState(site);
  await done('bind', '-n', 'shop', 'web', '--thumbprint', 'b'.repeat(40), '--approve');
  const now = bindState(site);
  assert.deepEqual(takenAway(before, now), []);
  assert.equal(site.iam.providers.size, 1);
});
