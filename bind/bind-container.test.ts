import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { asObject } from '../lib/json/json.ts';
import { startLocalSts } from '../testing/aws/local-sts.ts';
import { useBindSite } from '../testing/bind/bind-site.ts';
import { startIssuer, TEST_ISSUER } from '../testing/oidc/issuer.ts';

/** Roles of single containers: bind, unbind, files and exports. */
const READ_ONLY = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
const ACCOUNT = '/api/v1/namespaces/shop/serviceaccounts/web';
const LIST = 'podrole.dev/container-roles';
const ROLE_KEY = 'eks.amazonaws.com/role-arn';
const THUMBPRINT = ['--thumbprint', '990F4193972F2BECF12DDEDA5237F9C952F20D9E'];
const WEB = ['bind', '-n', 'shop', 'web', ...THUMBPRINT];
const FLUENTD = [...WEB, '--container', 'fluentd'];
const arnOf = (name: string) => `arn:aws:iam::111122223333:role/${name}`;

const folder = mkdtempSync(join(tmpdir(), 'podrole-container-'));
after(() => rmSync(folder, { recursive: true }));
const site = useBindSite();

async function approve(...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await site.podrole(...args, '--approve');
  assert.equal(exitCode, 0, stderr);
  return stdout;
}

const annotations = () =>
  asObject(asObject(site.cluster.objects.get(ACCOUNT)?.['metadata'])?.['annotations']);
const trustOf = (name: string) => JSON.parse(site.iam.roles.get(name)?.trustPolicy ?? assert.fail(name));

function annotated(given: Readonly<Record<string, string>>): void {
  site.cluster.objects.set(ACCOUNT, { metadata: { namespace: 'shop', name: 'web', annotations: given } });
}

function bindingsFile(...bindings: readonly object[]): readonly string[] {
  const file = join(folder, 'bindings.json');
  const entries = bindings.map((binding) => ({ namespace: 'shop', serviceAccount: 'web', ...binding }));
  writeFileSync(
    file,
    JSON.stringify({ apiVersion: 'podrole.dev/v1alpha1', kind: 'Bindings', bindings: entries }),
  );
  return ['bind', '-f', file, ...THUMBPRINT];
}

test('a container gets its own role, with its audience as client ID; again there is nothing to do', async () => {
  await approve(...FLUENTD, '--attach-policy-arn', READ_ONLY);
  assert.deepEqual(annotations(), {
    [LIST]: `fluentd=${arnOf('shop-web-fluentd')}`,
    'podrole.dev/created': 'true',
  });
  const role = site.iam.roles.get('shop-web-fluentd');
  assert.equal(role?.tags.get('podrole.dev/service-account'), 'shop/web/fluentd');
  assert.equal(
    role?.description,
    'For container fluentd of ServiceAccount shop/web of https://oidc.example.test/one',
  );
  const { Condition } = trustOf('shop-web-fluentd').Statement[0];
  assert.equal(Condition.StringEquals['oidc.example.test/one:aud'], 'sts.amazonaws.com/fluentd');
  const [provider] = site.iam.providers.values();
  assert.deepEqual([...(provider?.clientIds ?? [])], ['sts.amazonaws.com/fluentd']);
  assert.equal((await site.podrole(...FLUENTD)).stdout, 'no changes\n');
});

test('the roles of pod and other containers stay, in either order', async () => {
  await approve(...WEB, '--attach-policy-arn', READ_ONLY);
  await approve(...FLUENTD);
  await approve(...WEB, '--container', 'php', '--role-name', 'php');
  const both = `fluentd=${arnOf('shop-web-fluentd')},php=${arnOf('php')}`;
  assert.deepEqual([annotations()?.[ROLE_KEY], annotations()?.[LIST]], [arnOf('shop-web'), both]);
  assert.deepEqual([...(site.iam.roles.get('shop-web')?.attached ?? [])], [READ_ONLY]);
  for (const args of [WEB, FLUENTD])
    assert.equal((await site.podrole(...args)).stdout, 'no changes\n', args.join(' '));
  assert.match(
    (await site.podrole(...WEB, '--container', 'php')).stdout,
    /^note: container shop\/web\/php keeps its role php; .*\nno changes\n$/m,
  );
});

test('the local STS accepts the token of the container, and not the other token of the pod', async () => {
  await approve(...FLUENTD, '--issuer', TEST_ISSUER);
  await approve(...WEB, '--issuer', TEST_ISSUER);
  const issuer = await startIssuer();
  const [provider] = site.iam.providers.values();
  const roles = ['shop-web-fluentd', 'shop-web'].map((name) => ({
    arn: arnOf(name),
    trustPolicy: trustOf(name),
  }));
  const sts = await startLocalSts(issuer, roles, { clientIds: [...(provider?.clientIds ?? [])] });
  try {
    const assume = async (role: string, aud: string) => {
      const WebIdentityToken = await issuer.sign({ aud });
      const call = { Action: 'AssumeRoleWithWebIdentity', Version: '2011-06-15', RoleSessionName: 'test' };
      return (await sts.send({ ...call, RoleArn: arnOf(role), WebIdentityToken })).code ?? 'accepted';
    };
    const [own, ofPod, another] = ['sts.amazonaws.com/fluentd', 'sts.amazonaws.com', 'sts.amazonaws.com/php'];
    assert.equal(await assume('shop-web-fluentd', own), 'accepted');
    assert.equal(await assume('shop-web-fluentd', ofPod), 'AccessDenied');
    assert.equal(await assume('shop-web', ofPod), 'accepted');
    assert.equal(await assume('shop-web', own), 'AccessDenied');
    assert.notEqual(await assume('shop-web-fluentd', another), 'accepted');
  } finally {
    await Promise.all([sts.close(), issuer.close()]);
  }
});

test('a file binds pod and containers: the ServiceAccount is written once, after all roles', async () => {
  const args = bindingsFile({ container: 'php' }, {}, { container: 'fluentd', roleName: 'logs' });
  await approve(...args);
  assert.deepEqual(site.cluster.writes, [
    'POST /api/v1/namespaces',
    'POST /api/v1/namespaces/shop/serviceaccounts',
  ]);
  assert.equal(annotations()?.[LIST], `php=${arnOf('shop-web-php')},fluentd=${arnOf('logs')}`);
  assert.equal((await site.podrole(...args)).stdout, 'Plan: 3 bindings unchanged\nno changes\n');
  site.cluster.objects.delete(ACCOUNT);
  annotated({ [LIST]: `other=${arnOf('x')}` });
  await approve(...args);
  assert.equal(
    annotations()?.[LIST],
    `other=${arnOf('x')},php=${arnOf('shop-web-php')},fluentd=${arnOf('logs')}`,
  );
});

test('all roles of a ServiceAccount have its audience', async () => {
  await approve(...bindingsFile({ audience: 'vault' }, { container: 'fluentd' }));
  assert.match(JSON.stringify(trustOf('shop-web-fluentd')), /"vault\/fluentd"/);
  assert.equal((await site.podrole(...FLUENTD)).stdout, 'no changes\n');
  const other = await site.podrole(...FLUENTD, '--token-audience', 'b');
  assert.match(
    other.stderr,
    /binding shop\/web\/fluentd: would change the audience from vault to b for all roles .*; leave --token-audience out/,
  );
  assert.match(
    await approve(...WEB, '--token-audience', 'b'),
    /^note: container fluentd of ServiceAccount shop\/web gets tokens of the new audience too: run podrole bind -n shop web --container fluentd$/m,
  );
  await approve(...FLUENTD);
  assert.match(JSON.stringify(trustOf('shop-web-fluentd')), /"b\/fluentd"/);
});

/** Refusals before any write, by the annotations that are there. */
const REFUSED: readonly (readonly [
  name: string,
  given: Readonly<Record<string, string>>,
  args: readonly string[],
  stderr: RegExp,
])[] = [
  [
    'a malformed list',
    { [LIST]: 'fluentd' },
    FLUENTD,
    /ServiceAccount shop\/web: annotation podrole\.dev\/container-roles .* its entry "fluentd" is not CONTAINER=ROLE; .*\[MALFORMED_CONTAINER_ROLES\]/,
  ],
  ['entries without a comma', { [LIST]: 'a=x;b=y' }, FLUENTD, /\[MALFORMED_CONTAINER_ROLES\]/],
  [
    'another role of the container',
    { [LIST]: `fluentd=${arnOf('other')}` },
    FLUENTD,
    /ServiceAccount shop\/web: has the role arn.*other for its container fluentd; give .*\[SERVICE_ACCOUNT_HAS_ROLE\]/,
  ],
  [
    'a name that no container has',
    {},
    [...WEB, '--container', 'Fluentd'],
    /has "Fluentd" for a container; give up to 63/,
  ],
  ['an empty name', {}, [...WEB, '--container='], /--container/],
  [
    'a role that the list cannot hold',
    {},
    [...FLUENTD, '--role-name', 'a,b'],
    /binding shop\/web\/fluentd: has the role .*role\/a,b, which annotation .* cannot hold/,
  ],
  [
    'a long audience',
    {},
    [...FLUENTD, '--token-audience', 'a'.repeat(250)],
    /would have the audience a+\/fluentd/,
  ],
];
for (const [name, given, args, said] of REFUSED) {
  test(`refused: ${name}`, async () => {
    annotated(given);
    const { exitCode, stderr } = await site.podrole(...args, '--approve');
    assert.notEqual(exitCode, 0);
    assert.match(stderr, said);
    assert.deepEqual([...site.iam.writes(), ...site.cluster.writes], []);
  });
}

test('another role of the container is replaced when asked', async () => {
  annotated({ [LIST]: `a=x,fluentd=${arnOf('other')},b=y` });
  await approve(...FLUENTD, '--override-existing-serviceaccounts');
  assert.equal(annotations()?.[LIST], `a=x,fluentd=${arnOf('shop-web-fluentd')},b=y`);
});

test('in a file, the same container twice and an audience of a container are refused', async () => {
  const twice = await site.podrole(...bindingsFile({ container: 'a' }, {}, { container: 'a' }));
  assert.match(twice.stderr, /binds shop\/web\/a, which line 1 does already/);
  const audience = await site.podrole(...bindingsFile({ container: 'a', audience: 'b' }));
  assert.match(audience.stderr, /binding shop\/web\/a: has an audience, which all roles .* in common/);
  const labels = bindingsFile({ labels: { a: 'b' } }, { container: 'a', labels: { a: 'c' } });
  assert.match(
    (await site.podrole(...labels)).stderr,
    /binding shop\/web\/a: has another value of a in its labels/,
  );
});

test('unbind --container removes only the role of the container', async () => {
  await approve(...bindingsFile({}, { container: 'fluentd' }, { container: 'php' }));
  const plan = await site.podrole('unbind', '-n', 'shop', 'web', '--container', 'fluentd');
  assert.match(
    plan.stdout,
    /^- REMOVAL: ServiceAccount shop\/web: remove a role from the annotation.*^- REMOVAL: role shop-web-fluentd: delete/ms,
  );
  await approve('unbind', '-n', 'shop', 'web', '--container', 'fluentd');
  assert.deepEqual([...site.iam.roles.keys()].sort(), ['shop-web', 'shop-web-php']);
  assert.deepEqual(annotations(), {
    [ROLE_KEY]: arnOf('shop-web'),
    [LIST]: `php=${arnOf('shop-web-php')}`,
    'podrole.dev/created': 'true',
  });
  assert.match(
    (await site.podrole('unbind', '-n', 'shop', 'web', '--container', 'fluentd')).stdout,
    /^note: ServiceAccount shop\/web gives no role of its own to a container fluentd\nno changes\n$/,
  );
});

test('unbind of the pod keeps the roles of containers, also in the same role; the last one deletes all', async () => {
  await approve(...WEB);
  await approve(...FLUENTD, '--role-name', 'shop-web');
  await approve(...WEB, '--container', 'php');
  const stdout = await approve('unbind', '-n', 'shop', 'web');
  assert.match(stdout, /^note: ServiceAccount shop\/web keeps the roles of its containers fluentd, php; /m);
  assert.match(stdout, /^note: role shop-web is kept with its policies: other ServiceAccounts, containers/m);
  assert.equal(annotations()?.[ROLE_KEY], undefined);
  assert.match(
    JSON.stringify(trustOf('shop-web').Statement),
    /^\[(?!.*\},\{"Sid").*sts\.amazonaws\.com\/fluentd/,
  );
  await approve('unbind', '-n', 'shop', 'web', '--container', 'php');
  assert.deepEqual([...site.iam.roles.keys()], ['shop-web']);
  await approve('unbind', '-n', 'shop', 'web', '--container', 'fluentd');
  assert.equal(site.cluster.objects.has(ACCOUNT), false);
});

test('an export has the entry in the manifest, and says that it replaces the others', async () => {
  const args = bindingsFile({}, { container: 'fluentd' });
  const { stdout, stderr } = await site.podrole(...args, '-o', 'aws-cli', '--partition', 'aws');
  const { serviceAccounts, commands } = JSON.parse(stdout);
  assert.deepEqual(
    serviceAccounts.map(({ metadata }: { metadata: object }) => metadata),
    [
      {
        namespace: 'shop',
        name: 'web',
        annotations: { [ROLE_KEY]: arnOf('shop-web'), [LIST]: `fluentd=${arnOf('shop-web-fluentd')}` },
      },
    ],
  );
  assert.deepEqual(commands[0].input.ClientIDList, ['sts.amazonaws.com', 'sts.amazonaws.com/fluentd']);
  assert.match(
    stderr,
    /note: the manifest of ServiceAccount shop\/web gives roles only to its containers fluentd;/,
  );
  const terraform = await site.podrole(...args, '-o', 'terraform', '--partition', 'aws');
  assert.match(terraform.stdout, /"aws_iam_role" "shop_web_fluentd"/);
  assert.equal(terraform.stdout.split('"kubernetes_service_account_v1" "shop_web"').length, 2);
  const template = await site.podrole(...args, '-o', 'cloudformation', '--partition', 'aws');
  assert.match(template.stdout, /RoleShopWebFluentdArn/);
});
