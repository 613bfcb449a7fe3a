import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asObject } from '../lib/json/json.ts';
import { useBindSite } from '../testing/bind/bind-site.ts';
import { runCli } from '../testing/processes/cli.ts';

const site = useBindSite();
const WEB = ['-n', 'shop', 'web'];
const THUMBPRINT = ['--thumbprint', 'a'.repeat(40)];
const ACCOUNT = '/api/v1/namespaces/shop/serviceaccounts/web';
const ROLES = 'arn:aws:iam::111122223333:role';

/** Makes the role team/a/shop-web, and annotates shop/web with this role. */
async function bound(annotation: string): Promise<void> {
  const { exitCode, stderr } = await site.podrole(
    'bind',
    ...WEB,
    ...THUMBPRINT,
    '--role-path',
    '/team/a/',
    '--approve',
  );
  assert.equal(exitCode, 0, stderr);
  site.cluster.put({
    metadata: { namespace: 'shop', name: 'web', annotations: { 'eks.amazonaws.com/role-arn': annotation } },
  });
}

test('a role to attach that has another path is refused with the right ARN', async () => {
  await bound(`${ROLES}/team/a/shop-web`);
  const before = site.iam.writes().length;
  for (const path of ['', '/team', '/team/a/b', '/Team/a']) {
    const attach = ['--attach-role-arn', `${ROLES}${path}/shop-web`, '--approve'];
    const { exitCode, stderr } = await site.podrole('bind', '-n', 'shop', 'api', ...THUMBPRINT, ...attach);
    assert.equal(exitCode, 3);
    assert.match(
      stderr,
      /does not exist: the role of that name is arn:.*role\/team\/a\/shop-web; give arn:.*\[OTHER_ROLE\]/,
    );
  }
  assert.equal(site.iam.writes().length, before);
  const right = ['--attach-role-arn', `${ROLES}/team/a/shop-web`, '--approve'];
  assert.equal((await site.podrole('bind', '-n', 'shop', 'api', ...THUMBPRINT, ...right)).exitCode, 0);
});

test('a role to share that has another path is refused with the right path', async () => {
  await bound(`${ROLES}/team/a/shop-web`);
  const share = ['bind', '-n', 'shop', 'api', ...THUMBPRINT, '--role-name', 'shop-web', '--approve'];
  assert.match(
    (await site.podrole(...share, '--role-path', '/team/b/')).stderr,
    /give --role-path \/team\/a\/, or another name \[ROLE_NAME_TAKEN\]/,
  );
  assert.equal((await site.podrole(...share)).exitCode, 0);
});

for (const annotation of [
  `${ROLES}/shop-web`,
  `${ROLES}/team/b/shop-web`,
  'arn:aws-cn:iam::111122223333:role/team/a/shop-web',
]) {
  test(`unbind leaves a role that the annotation does not mean: ${annotation}`, async () => {
    await bound(annotation);
    const before = site.iam.writes().length;
    for (const name of [[], ['--role-name', 'shop-web']]) {
      const { exitCode, stdout } = await site.podrole('unbind', ...WEB, ...name);
      assert.equal(exitCode, 0);
      assert.match(stdout, /left unchanged/);
      assert.doesNotMatch(stdout, /^role/m);
    }
    await site.podrole('unbind', ...WEB, '--approve');
    assert.equal(site.iam.writes().length, before);
    assert.ok(site.iam.roles.has('shop-web'));
  });
}

test('unbind leaves a role of another account than was asked for', async () => {
  await bound(`${ROLES}/team/a/shop-web`);
  site.cluster.put({ metadata: { namespace: 'shop', name: 'web' } });
  const other = ['--account-id', '444455556666', '--kube-api', site.cluster.url];
  const { stdout } = await runCli(['unbind', ...WEB, ...other, '--approve']);
  assert.match(
    stdout,
    /^note: .*role\/team\/a\/shop-web has the name of the role, but is of another account/m,
  );
  assert.ok(site.iam.roles.has('shop-web'));
});

test('a role name in the annotation means what the webhook completes it to', async () => {
  await bound('team/a/shop-web');
  const again = ['bind', ...WEB, ...THUMBPRINT, '--role-path', '/team/a/', '--exit-code'];
  assert.match((await site.podrole(...again)).stderr, /has the role team\/a\/shop-web/);
  const { exitCode, stdout } = await site.podrole(...again, '--compose-role-arn');
  assert.equal(exitCode, 0, stdout);
  const unbound = await site.podrole('unbind', ...WEB, '--compose-role-arn', '--approve');
  assert.match(unbound.stdout, /^- REMOVAL: role shop-web: delete arn:.*team\/a\/shop-web$/m);
  const left = asObject(asObject(site.cluster.objects.get(ACCOUNT))?.['metadata']);
  assert.deepEqual(left?.['annotations'] ?? {}, {});
});

test('unbind removes only its own statement while another ServiceAccount uses the role', async () => {
  const policy = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
  await site.podrole('bind', ...WEB, ...THUMBPRINT, '--attach-policy-arn', policy, '--approve');
  const share = ['--attach-role-arn', `${ROLES}/shop-web`, '--approve'];
  await site.podrole('bind', '-n', 'shop', 'api', ...THUMBPRINT, ...share);
  const role = () => site.iam.roles.get('shop-web') ?? assert.fail('there is no role');
  const subjects = () => role().trustPolicy.match(/system:serviceaccount:shop:\w+/g);
  assert.deepEqual(subjects(), ['system:serviceaccount:shop:web', 'system:serviceaccount:shop:api']);
  const { stdout } = await site.podrole('unbind', ...WEB, '--approve');
  assert.match(stdout, /^note: role shop-web is kept with its policies/m);
  assert.deepEqual(subjects(), ['system:serviceaccount:shop:api']);
  assert.deepEqual([...role().attached], [policy]);
  await site.podrole('bind', ...WEB, ...THUMBPRINT, '--attach-policy-arn', policy, '--approve');
  await site.podrole('unbind', '-n', 'shop', 'api', '--approve');
  assert.deepEqual(subjects(), ['system:serviceaccount:shop:web']);
  await site.podrole('unbind', ...WEB, '--approve');
  assert.equal(site.iam.roles.has('shop-web'), false);
});
