import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { asObject } from '../lib/json/json.ts';
import { SITE_ISSUER, useBindSite } from '../testing/bind/bind-site.ts';

const READ_ONLY = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
const LOGS = 'arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess';
const ACCOUNT = '/api/v1/namespaces/shop/serviceaccounts/web';
const ROLE_KEY = 'eks.amazonaws.com/role-arn';
const THUMBPRINT = ['--thumbprint', '990F4193972F2BECF12DDEDA5237F9C952F20D9E'];
const WEB = ['bind', '-n', 'shop', 'web', ...THUMBPRINT];
const NO_CHANGES = { exitCode: 0, stdout: 'no changes\n', stderr: '' };

const site = useBindSite();

async function approve(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await site.podrole(...args, '--approve');
  assert.equal(exitCode, 0, stderr);
  return stdout;
}

const annotations = () =>
  asObject(asObject(site.cluster.objects.get(ACCOUNT)?.['metadata'])?.['annotations']);
const webRole = () => site.iam.roles.get('shop-web') ?? assert.fail('role shop-web does not exist');

test('a plan writes nothing; the golden file has how it reads', async () => {
  const args = [
    ...WEB,
    '--attach-policy-arn',
    READ_ONLY,
    '--tags',
    'team=shop',
    '--session-duration',
    '7200',
  ];
  const { exitCode, stdout, stderr } = await site.podrole(...args);
  const golden = `${import.meta.dirname}/testdata/bind-new.txt`;
  if (process.env['UPDATE_GOLDEN']) writeFileSync(golden, stdout);
  assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: '' });
  assert.equal(stdout, readFileSync(golden, 'utf8'));
  assert.deepEqual([...site.iam.writes(), ...site.cluster.writes], []);
  assert.equal((await site.podrole(...args, '--exit-code')).exitCode, 1);
});

test('a well-known policy says what remains to be done, as long as there is something to do', async () => {
  const cni = [
    'bind',
    '-n',
    'kube-system',
    'aws-node',
    '--thumbprint',
    'a'.repeat(40),
    '--well-known',
    'vpc-cni',
  ];
  const note =
    /^note: once aws-node runs with this role, detach AmazonEKS_CNI_Policy from the role of the nodes/m;
  assert.match((await site.podrole(...cni)).stdout, note);
  await approve(...cni);
  assert.doesNotMatch((await site.podrole(...cni)).stdout, note);
});

test('--approve makes everything, the ServiceAccount last; the second run finds no changes', async () => {
  const args = [
    ...WEB,
    '--attach-policy-arn',
    READ_ONLY,
    '--well-known',
    'vpc-cni-ipv6',
    '--tags',
    'team=shop',
  ];
  await approve(...args);
  assert.deepEqual(site.iam.writes(), [
    'CreateOpenIDConnectProvider',
    'CreateRole',
    'AttachRolePolicy',
    'PutRolePolicy',
  ]);
  assert.deepEqual(site.cluster.writes, [
    'POST /api/v1/namespaces',
    'POST /api/v1/namespaces/shop/serviceaccounts',
  ]);
  assert.deepEqual(annotations(), {
    [ROLE_KEY]: `arn:aws:iam::${site.iam.account}:role/shop-web`,
    'podrole.dev/created': 'true',
  });
  assert.deepEqual([...webRole().inline.keys()], ['podrole-vpc-cni-ipv6']);
  assert.equal(webRole().tags.get('podrole.dev/service-account'), 'shop/web');
  assert.deepEqual(await site.podrole(...args, '--exit-code'), NO_CHANGES);
});

type Drift = readonly [name: string, drift: () => void, writes: readonly string[]];

/** Changes of a bound ServiceAccount by others, and the repair by the next run. */
const DRIFTS: readonly Drift[] = [
  [
    'the ServiceAccount was deleted',
    () => site.cluster.objects.delete(ACCOUNT),
    ['POST /api/v1/namespaces/shop/serviceaccounts'],
  ],
  ['the annotation was removed', () => setMetadata({ annotations: { keep: 'this' } }), [`PATCH ${ACCOUNT}`]],
  [
    'a label was put on it',
    () => setMetadata({ annotations: annotations(), labels: { 'app.kubernetes.io/managed-by': 'Helm' } }),
    [],
  ],
  ['the policy was detached', () => webRole().attached.delete(READ_ONLY), ['AttachRolePolicy']],
  ['another policy was attached by hand', () => webRole().attached.add(LOGS), []],
  ['a statement of podrole was widened', () => editTrust('shop:web', 'shop:*'), ['UpdateAssumeRolePolicy']],
  [
    'the provider lost its client ID',
    () => [...site.iam.providers.values()][0]?.clientIds.clear(),
    ['AddClientIDToOpenIDConnectProvider'],
  ],
  [
    'the trust policy was written in another way',
    () => editTrust('"Effect":"Allow",', '"Effect":"Allow","Action":["sts:AssumeRoleWithWebIdentity"],'),
    [],
  ],
  ['the role was deleted', () => site.iam.roles.delete('shop-web'), ['CreateRole', 'AttachRolePolicy']],
];
for (const [name, drift, writes] of DRIFTS) {
  test(`${name}: ${writes.join(', ') || 'no change'}`, async () => {
    const args = [...WEB, '--attach-policy-arn', READ_ONLY];
    await approve(...args);
    const before = [site.iam.writes().length, site.cluster.writes.length];
    drift();
    await approve(...args);
    assert.deepEqual(
      [...site.iam.writes().slice(before[0]), ...site.cluster.writes.slice(before[1])],
      writes,
    );
    assert.equal((await site.podrole(...args)).stdout, 'no changes\n');
  });
}

function editTrust(from: string, to: string): void {
  webRole().trustPolicy = webRole().trustPolicy.replace(from, to);
}

function setMetadata(metadata: object): void {
  site.cluster.objects.set(ACCOUNT, { metadata: { name: 'web', namespace: 'shop', ...metadata } });
}

test('a policy that is no longer wanted is detached if podrole attached it, else only by --prune', async () => {
  await approve(...WEB, '--attach-policy-arn', `${READ_ONLY},${LOGS}`);
  webRole().attached.add('arn:aws:iam::111122223333:policy/by-hand');
  await approve(...WEB, '--attach-policy-arn', LOGS);
  assert.deepEqual([...webRole().attached], [LOGS, 'arn:aws:iam::111122223333:policy/by-hand']);
  assert.match(
    (await site.podrole(...WEB, '--attach-policy-arn', LOGS, '--prune')).stdout,
    /by-hand, which podrole did not attach/,
  );
  await approve(...WEB, '--attach-policy-arn', LOGS, '--prune');
  assert.deepEqual([...webRole().attached], [LOGS]);
});

test('a ServiceAccount with another role is refused unless it may be overridden', async () => {
  setMetadata({ annotations: { [ROLE_KEY]: 'arn:aws:iam::111122223333:role/other' } });
  const refused = await site.podrole(...WEB, '--approve');
  assert.equal(refused.exitCode, 3);
  assert.match(
    refused.stderr,
    /ServiceAccount shop\/web: has the role .*other; give --override-existing-serviceaccounts/,
  );
  assert.deepEqual([...site.iam.writes(), ...site.cluster.writes], []);
  await approve(...WEB, '--override-existing-serviceaccounts');
  assert.equal(annotations()?.[ROLE_KEY], 'arn:aws:iam::111122223333:role/shop-web');
});

test('an issuer that goes: both are trusted, then one', async () => {
  await approve(...WEB);
  const NEW = 'https://oidc.example.test/two';
  await approve(...WEB, '--also-issuer', NEW);
  assert.equal(JSON.parse(webRole().trustPolicy).Statement.length, 2);
  assert.equal(site.iam.providers.size, 2);
  const early = await site.podrole(...WEB, '--drop-issuer', SITE_ISSUER);
  assert.match(
    early.stderr,
    /--drop-issuer: is .*\/one, which signs the cluster's tokens; switch the API servers/,
  );
  // The API server has switched.
  site.cluster.objects.set('/.well-known/openid-configuration', { issuer: NEW });
  await approve(...WEB, '--drop-issuer', SITE_ISSUER);
  const { Statement } = JSON.parse(webRole().trustPolicy);
  assert.match(JSON.stringify(Statement), /^\[\{"Sid":"Podrole\w{10}",.*\/two"\},/);
  assert.equal(webRole().tags.get('podrole.dev/issuer'), 'oidc.example.test/two');
  assert.equal((await site.podrole(...WEB)).stdout, 'no changes\n');
});

test('an attached role is trusted and annotated, and otherwise left alone', async () => {
  await approve('bind', '-n', 'ops', 'job', '--role-name', 'shared', ...THUMBPRINT);
  const arn = `arn:aws:iam::${site.iam.account}:role/shared`;
  const args = [...WEB, '--attach-role-arn', arn];
  assert.match(
    (await site.podrole(...args, '--update-trust=false')).stdout,
    /note: role shared does not trust system:serviceaccount:shop:web/,
  );
  const before = site.iam.writes().length;
  await approve(...args);
  assert.deepEqual(site.iam.writes().slice(before), ['UpdateAssumeRolePolicy']);
  assert.equal(annotations()?.[ROLE_KEY], arn);
  assert.equal((await site.podrole(...args)).stdout, 'no changes\n');
  assert.match(
    (await site.podrole(...WEB, '--attach-role-arn', `${arn}2`)).stderr,
    /role\/shared2: does not exist; give/,
  );
});

test('an export says who gets in by a pattern, and asks neither cluster nor IAM', async () => {
  const pattern = ['--subject-pattern', 'system:serviceaccount:shop:*', '--issuer', SITE_ISSUER];
  const { exitCode, stdout, stderr } = await site.podrole(
    ...WEB,
    ...pattern,
    '--partition',
    'aws',
    '-o',
    'aws-cli',
  );
  assert.equal(exitCode, 0);
  assert.ok(JSON.parse(stdout));
  assert.match(
    stderr,
    /^note: role shop-web: Podrole\w{10} of its trust policy lets in every ServiceAccount of namespace shop\n$/,
  );
  assert.deepEqual(site.iam.calls, []);
});

test('settings that exclude each other are reported at once', async () => {
  const wrong = [
    '-o',
    'terraform',
    '--approve',
    '--thumbprint',
    'x',
    '--also-issuer',
    'http://a',
    '--drop-issuer',
    'http://a',
  ];
  const { exitCode, stderr } = await site.podrole(...WEB, ...wrong);
  assert.equal(exitCode, 3);
  assert.equal(stderr.match(/^error: /gm)?.length, 4, stderr);
  assert.equal((await site.podrole(...WEB, '--restart')).exitCode, 2);
  assert.equal((await site.podrole('bind')).exitCode, 2);
  assert.equal((await site.podrole('bind', 'web', '-f', 'x.yaml', '--role-name', 'a')).exitCode, 2);
});
