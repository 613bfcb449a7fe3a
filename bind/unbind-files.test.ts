import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { NO_ACCOUNT } from '../lib/settings/account-setting.ts';
import { useBindSite } from '../testing/bind/bind-site.ts';
import { runCli } from '../testing/processes/cli.ts';

const ACCOUNT = '/api/v1/namespaces/shop/serviceaccounts/';
const BIND = ['--thumbprint', '990F4193972F2BECF12DDEDA5237F9C952F20D9E', '--approve'];
const ROLE = 'arn:aws:iam::111122223333:role';

const folder = mkdtempSync(join(tmpdir(), 'podrole-unbind-'));
after(() => rmSync(folder, { recursive: true }));
const site = useBindSite();

let files = 0;
function textOf(...bindings: readonly object[]): string {
  const entries = bindings.map((binding) => ({ namespace: 'shop', serviceAccount: 'web', ...binding }));
  return JSON.stringify({ apiVersion: 'podrole.dev/v1alpha1', kind: 'Bindings', bindings: entries });
}
function fileOf(...bindings: readonly object[]): string {
  const path = join(folder, `${++files}.yaml`);
  writeFileSync(path, textOf(...bindings));
  return path;
}

/** Binds three ServiceAccounts, with a container, of which a file names two. */
async function bindAll(): Promise<void> {
  const all = fileOf({}, { container: 'fluentd' }, { serviceAccount: 'api' }, { serviceAccount: 'other' });
  const { exitCode, stderr } = await site.podrole('bind', '-f', all, ...BIND);
  assert.equal(exitCode, 0, stderr);
}

const left = () => [
  ...[...site.cluster.objects.keys()].filter((path) => path.startsWith(ACCOUNT)).sort(),
  ...[...site.iam.roles.keys()].sort(),
];

test('unbind -f removes what the file names, containers too, and nothing else; again there is nothing to do', async () => {
  await bindAll();
  const file = fileOf({}, { container: 'fluentd' }, { serviceAccount: 'api' });
  const plan = await site.podrole('unbind', '-f', file);
  assert.doesNotMatch(plan.stdout, /other|keeps the roles/);
  assert.equal(left().length, 7, 'without --approve nothing goes');
  const done = await site.podrole('unbind', '-f', file, '--approve');
  assert.equal(done.exitCode, 0, done.stderr);
  assert.deepEqual(left(), [`${ACCOUNT}other`, 'shop-other']);
  assert.match((await site.podrole('unbind', '-f', file)).stdout, /no changes/);
});

test('a container alone goes alone, and so does the whole pod', async () => {
  await bindAll();
  await site.podrole('unbind', '-f', fileOf({ container: 'fluentd' }), '--approve');
  assert.deepEqual(left().slice(3), ['shop-api', 'shop-other', 'shop-web']);
  await bindAll();
  const { stdout } = await site.podrole('unbind', '-f', fileOf({}), '--approve');
  assert.match(stdout, /keeps the roles of its containers fluentd/);
  assert.deepEqual(left().slice(3), ['shop-api', 'shop-other', 'shop-web-fluentd']);
});

test('a role that two entries share is left by both, and goes with the second', async () => {
  await site.podrole('bind', 'shop/web', '--role-name', 'shared', ...BIND);
  await site.podrole('bind', 'shop/api', '--attach-role-arn', `${ROLE}/shared`, ...BIND);
  const shared = fileOf({ roleName: 'shared' }, { serviceAccount: 'api', attachRoleArn: `${ROLE}/shared` });
  const { exitCode, stderr } = await site.podrole('unbind', '-f', shared, '--approve');
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(left(), []);
});

test('two containers of one ServiceAccount go in one run', async () => {
  const both = fileOf({ container: 'fluentd' }, { container: 'php' });
  await site.podrole('bind', '-f', both, ...BIND);
  const { exitCode, stderr } = await site.podrole('unbind', '-f', both, '--approve');
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(left(), []);
});

test('of an entry with roleOnly the ServiceAccount stays as it is', async () => {
  await site.podrole('bind', 'shop/web', '--role-name', 'web', ...BIND);
  const alone = fileOf({ roleOnly: true, roleName: 'alone' });
  await site.podrole('bind', '-f', alone, ...BIND);
  await site.podrole('unbind', '-f', alone, '--approve');
  assert.deepEqual(left(), [`${ACCOUNT}web`, 'web']);
});

test('a ServiceAccount with another role than the file says is an error, and nothing goes', async () => {
  await bindAll();
  const file = fileOf(
    { serviceAccount: 'api' },
    { roleName: 'mine' },
    { serviceAccount: 'other', attachRoleArn: `${ROLE}/x` },
  );
  const { exitCode, stderr } = await site.podrole('unbind', '-f', file, '--approve');
  assert.equal(exitCode, 2);
  assert.match(
    stderr,
    /shop\/web: is annotated with shop-web, and the file names the role mine; correct the file/,
  );
  assert.match(stderr, /shop\/other: is annotated with .*shop-other, and the file binds .*role\/x/);
  assert.equal(left().length, 7);
});

test('an eksctl file of another cluster is refused', async () => {
  const path = join(folder, 'eksctl.yaml');
  const metadata = { name: 'prod', region: 'eu-west-1' };
  const serviceAccounts = [{ metadata: { namespace: 'shop', name: 'web' } }];
  writeFileSync(
    path,
    JSON.stringify({
      apiVersion: 'eksctl.io/v1alpha5',
      kind: 'ClusterConfig',
      metadata,
      iam: { withOIDC: true, serviceAccounts },
    }),
  );
  const { stderr } = await site.podrole('unbind', '-f', path, '--cluster-name', 'test');
  assert.match(stderr, /--cluster-name: is test, but .* is prod; .*\[WRONG_CLUSTER\]/);
});

test('stdin, a folder with -R and a file are read by bind and unbind', async () => {
  const apps = join(folder, 'apps');
  mkdirSync(join(apps, 'team'), { recursive: true });
  writeFileSync(join(apps, 'a.yaml'), textOf({ serviceAccount: 'a' }));
  writeFileSync(join(apps, 'team/b.json'), textOf({ serviceAccount: 'b' }));
  const run = (...args: string[]) =>
    runCli(
      [
        ...args,
        '-f',
        '-',
        '-f',
        apps,
        '-R',
        '--account-id',
        site.iam.account || NO_ACCOUNT,
        '--kube-api',
        site.cluster.url,
      ],
      {
        stdin: textOf({ serviceAccount: 'c' }),
      },
    );
  const bound = await run('bind', ...BIND);
  assert.equal(bound.exitCode, 0, bound.stderr);
  assert.deepEqual(left().slice(3), ['shop-a', 'shop-b', 'shop-c']);
  const { exitCode, stderr } = await run('unbind', '--approve');
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(left(), []);
});

test('several ServiceAccounts are named as in kubectl', async () => {
  await bindAll();
  await site.podrole('unbind', 'sa/api', 'serviceaccount/other', 'api', '-n', 'shop', '--approve');
  assert.deepEqual(left().slice(1), ['shop-web', 'shop-web-fluentd']);
});

const WRONG: readonly (readonly [name: string, args: readonly string[], stderr: RegExp])[] = [
  ['nothing', [], /^error: ServiceAccount: is not named; write podrole unbind/],
  ['a role name for two', ['a', 'b', '--role-name', 'x'], /--role-name: is for one ServiceAccount, and 2/],
  ['a missing file', ['-f', 'absent.yaml'], /^error: absent\.yaml: .*; name a file or a folder of bindings/],
  [
    'a container for a file',
    ['-f', 'absent.yaml', '--container', 'x'],
    /--container: is for one ServiceAccount/,
  ],
];
for (const [name, args, stderr] of WRONG) {
  test(`unbind refuses ${name}`, async () => {
    const result = await site.podrole('unbind', ...args);
    assert.notEqual(result.exitCode, 0);
    assert.match(result.stderr, stderr);
  });
}

for (const command of ['bind', 'unbind']) {
  test(`${command} -f with the namespace of another team is an error, as in kubectl`, async () => {
    const { exitCode, stderr } = await site.podrole(command, '-f', fileOf({}), '-n', 'ops');
    assert.equal(exitCode, 2);
    assert.match(stderr, /^error: --namespace: is ops, and a file names shop\/web; leave --namespace out/);
    const same = await site.podrole(
      command,
      '-f',
      fileOf({}),
      '-n',
      'shop',
      ...BIND.slice(0, command === 'bind' ? 2 : 0),
    );
    assert.equal(same.exitCode, 0, same.stderr);
  });
}
