import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { asObject } from '../lib/json/json.ts';
import { type MemoryIam, startMemoryIam } from '../testing/aws/memory-iam.ts';
import { useBindSite } from '../testing/bind/bind-site.ts';
import { addTargetRole, OF_EC2, statementsIn } from '../testing/bind/target-role.ts';

const ACCOUNT = '/api/v1/namespaces/shop/serviceaccounts/web';
const THUMBPRINT = ['--thumbprint', '990F4193972F2BECF12DDEDA5237F9C952F20D9E'];
const NAME = ['--cluster-name', 'one', '--role-name', 'shop-web'];
const TARGET = 'arn:aws:iam::111122223333:role/reports';
const bindTo = (target: string, ...args: string[]) => [
  ...['bind', '-n', 'shop', 'web', '--target-role-arn', target],
  ...[...NAME, ...THUMBPRINT, ...args],
];
const WEB = bindTo(TARGET);

const site = useBindSite();

async function approve(...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await site.podrole(...args, '--approve');
  assert.equal(exitCode, 0, stderr);
  return stdout;
}

const addRole = (iam: MemoryIam, name: string, ...more: readonly unknown[]) =>
  addTargetRole(iam, name, OF_EC2, ...more);

const annotations = () =>
  asObject(asObject(site.cluster.objects.get(ACCOUNT)?.['metadata'])?.['annotations']);
const trustOf = (name: string, iam: MemoryIam = site.iam) => statementsIn(iam, name);
const policyOf = (name: string) =>
  JSON.parse(site.iam.roles.get(name)?.inline.get('podrole-target-role') ?? '{}');

const OWN = {
  Sid: 'PodroleTarget1cf2670d6c',
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::111122223333:role/shop-web' },
  Action: ['sts:AssumeRole', 'sts:TagSession'],
  Condition: {
    StringEquals: {
      'sts:ExternalId': 'eu-central-1/111122223333/one/shop/web',
      'aws:RequestTag/kubernetes-namespace': 'shop',
      'aws:RequestTag/kubernetes-service-account': 'web',
      'aws:RequestTag/eks-cluster-name': 'one',
    },
  },
};

test('the plan of a target role of the same account; the golden file has how it reads', async () => {
  addRole(site.iam, 'reports');
  const { exitCode, stdout, stderr } = await site.podrole(...WEB);
  const golden = `${import.meta.dirname}/testdata/bind-target.txt`;
  if (process.env['UPDATE_GOLDEN']) writeFileSync(golden, stdout);
  assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: '' });
  assert.equal(stdout, readFileSync(golden, 'utf8'));
  assert.deepEqual([...site.iam.writes(), ...site.cluster.writes], []);
});

test('both policies are written before the annotation, and the second run finds no changes', async () => {
  addRole(site.iam, 'reports');
  await approve(...WEB);
  assert.deepEqual(site.iam.writes(), [
    'CreateOpenIDConnectProvider',
    'CreateRole',
    'PutRolePolicy',
    'UpdateAssumeRolePolicy',
  ]);
  assert.deepEqual(trustOf('reports'), [OF_EC2, OWN]);
  assert.deepEqual(policyOf('shop-web').Statement, [
    { Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: TARGET },
  ]);
  assert.deepEqual(annotations(), {
    'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/shop-web',
    'podrole.dev/target-role-arn': TARGET,
    'podrole.dev/created': 'true',
  });
  for (const args of [WEB, ['bind', '-n', 'shop', 'web', ...NAME, ...THUMBPRINT, '--policy-file', '']])
    assert.equal((await site.podrole(...args)).stdout, 'no changes\n', args.join(' '));
});

const editTarget = (from: string, to: string) => {
  const role = site.iam.roles.get('reports') ?? assert.fail('role reports does not exist');
  assert.ok(role.trustPolicy.includes(from));
  role.trustPolicy = role.trustPolicy.replace(from, to);
};
const setAnnotations = (part: object) =>
  site.cluster.objects.set(ACCOUNT, {
    metadata: { name: 'web', namespace: 'shop', annotations: { ...annotations(), ...part } },
  });

/** Changes by others, and the repair by the next run. */
const DRIFTS: readonly (readonly [name: string, drift: () => void, writes: readonly string[]])[] = [
  [
    'the role was deleted and created again',
    () => editTarget('arn:aws:iam::111122223333:role/shop-web', 'AROAEXAMPLEEXAMPLE77'),
    ['UpdateAssumeRolePolicy'],
  ],
  ['the external id was edited', () => editTarget('one/shop/web', '*'), ['UpdateAssumeRolePolicy']],
  ['the statement was removed', () => addRole(site.iam, 'reports'), ['UpdateAssumeRolePolicy']],
  [
    'a condition was added',
    () => editTarget('"Condition":{', '"Condition":{"Bool":{"aws:SecureTransport":"true"},'),
    [],
  ],
  ['the inline policy was removed', () => site.iam.roles.get('shop-web')?.inline.clear(), ['PutRolePolicy']],
  [
    'the annotation was removed',
    () => setAnnotations({ 'podrole.dev/target-role-arn': undefined }),
    [`PATCH ${ACCOUNT}`],
  ],
  [
    'the tags were switched off',
    () => setAnnotations({ 'podrole.dev/session-tags': 'false' }),
    [`PATCH ${ACCOUNT}`],
  ],
];
for (const [name, drift, writes] of DRIFTS) {
  test(`target role: ${name}: ${writes.join(', ') || 'no change'}`, async () => {
    addRole(site.iam, 'reports');
    await approve(...WEB);
    const before = [site.iam.writes().length, site.cluster.writes.length];
    drift();
    await approve(...WEB);
    assert.deepEqual(
      [...site.iam.writes().slice(before[0]), ...site.cluster.writes.slice(before[1])],
      writes,
    );
    assert.equal((await site.podrole(...WEB)).stdout, 'no changes\n');
  });
}

test('without session tags, only the external id is asked for', async () => {
  addRole(site.iam, 'reports');
  await approve(...WEB, '--session-tags=false');
  const [, own] = trustOf('reports');
  assert.equal(own?.Action, 'sts:AssumeRole');
  assert.deepEqual(own?.Condition, {
    StringEquals: { 'sts:ExternalId': OWN.Condition.StringEquals['sts:ExternalId'] },
  });
  assert.deepEqual(policyOf('shop-web').Statement[0].Action, ['sts:AssumeRole']);
  assert.equal(annotations()?.['podrole.dev/session-tags'], 'false');
  await approve(...WEB);
  assert.deepEqual(trustOf('reports'), [OF_EC2, OWN]);
  assert.equal(annotations()?.['podrole.dev/session-tags'], 'true');
});

const ELSEWHERE = 'arn:aws:iam::444455556666:role/reports';

test('a target role of another account: its owner gets the statement, and something is left to do', async () => {
  const args = bindTo(ELSEWHERE);
  const { stdout } = await site.podrole(...args);
  assert.match(
    stdout,
    /^role arn:aws:iam::444455556666:role\/reports: for its owner, a statement for its trust policy:$/m,
  );
  assert.match(
    stdout,
    /^not done: role .*reports is in account 444455556666: its owner must add the statement above/m,
  );
  const lines = stdout.split('\n');
  const at = lines.findIndex((line) => line.includes('for its owner'));
  const end = lines.findIndex((line, index) => index > at && !line.startsWith('    '));
  assert.deepEqual(JSON.parse(lines.slice(at + 1, end).join('\n')), OWN);
  const approved = await site.podrole(...args, '--approve');
  assert.equal(approved.exitCode, 3, approved.stderr);
  assert.equal(policyOf('shop-web').Statement[0].Resource, ELSEWHERE);
  assert.equal(annotations()?.['podrole.dev/target-role-arn'], ELSEWHERE);
  const json = await site.podrole(...args, '-o', 'json');
  const [handed] = JSON.parse(json.stdout).handOver;
  assert.deepEqual(handed, {
    object: `role ${ELSEWHERE}`,
    name: 'a statement for its trust policy',
    document: OWN,
  });
});

test('a profile of the other account changes the target role there, and nothing else', async () => {
  const other = await startMemoryIam();
  other.account = '444455556666';
  addRole(other, 'reports');
  addRole(site.iam, 'reports');
  try {
    const file = join(mkdtempSync(join(tmpdir(), 'podrole-')), 'config');
    const keys = 'aws_access_key_id = AKIDOTHER\naws_secret_access_key = example\n';
    writeFileSync(file, `[profile other]\n${keys}region = eu-central-1\n`);
    Object.assign(process.env, { AWS_CONFIG_FILE: file, AWS_SHARED_CREDENTIALS_FILE: file });
    const writes: string[] = [];
    site.iam.refuse = (call) => {
      if (call.accessKeyId !== 'AKIDOTHER') return undefined;
      if (!/^(Get|List)/.test(call.action)) writes.push(call.action);
      return other.answer(call);
    };
    const args = bindTo(ELSEWHERE, '--target-profile', 'other');
    const plan = await site.podrole(...args);
    assert.equal(plan.exitCode, 0, plan.stderr);
    assert.match(plan.stdout, /role arn:aws:iam::444455556666:role\/reports: change the trust policy/);
    await approve(...args);
    assert.deepEqual(writes, ['UpdateAssumeRolePolicy']);
    assert.deepEqual(trustOf('reports', other), [OF_EC2, OWN]);
    assert.deepEqual(trustOf('reports'), [OF_EC2]);
    assert.equal((await site.podrole(...args)).stdout, 'no changes\n');
    const wrong = await site.podrole(...bindTo(TARGET, '--target-profile', 'other'));
    assert.match(
      wrong.stderr,
      /--target-profile: has credentials of account 444455556666, and the target role is in account 111122223333/,
    );
  } finally {
    for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) delete process.env[name];
    await other.stop();
  }
});

test('a role that is only attached keeps its policies: its owner gets the one that it lacks', async () => {
  addRole(site.iam, 'reports');
  addRole(site.iam, 'shared');
  const args = ['bind', '-n', 'shop', 'web', '--attach-role-arn', 'arn:aws:iam::111122223333:role/shared'];
  const withTarget = [...args, '--target-role-arn', TARGET, '--cluster-name', 'one', ...THUMBPRINT];
  const { exitCode, stdout } = await site.podrole(...withTarget, '--approve');
  assert.equal(exitCode, 3);
  assert.match(stdout, /^not done: role arn:.*shared is attached, so its policies stay/m);
  assert.equal(site.iam.roles.get('shared')?.inline.size, 0);
  site.iam.roles.get('shared')?.inline.set(
    'by-hand',
    JSON.stringify({
      Statement: { Effect: 'Allow', Action: 'sts:*', Resource: 'arn:aws:iam::*:role/reports' },
    }),
  );
  assert.equal((await site.podrole(...withTarget)).stdout, 'no changes\n');
});

test('another target role is refused unless it may be overridden', async () => {
  addRole(site.iam, 'reports');
  addRole(site.iam, 'archive');
  await approve(...WEB);
  const args = bindTo('arn:aws:iam::111122223333:role/archive');
  const { exitCode, stderr } = await site.podrole(...args);
  assert.equal(exitCode, 3);
  assert.match(
    stderr,
    /ServiceAccount shop\/web: has the target role .*role\/reports; give --override-existing-serviceaccounts/,
  );
  await approve(...args, '--override-existing-serviceaccounts');
  assert.equal(annotations()?.['podrole.dev/target-role-arn'], 'arn:aws:iam::111122223333:role/archive');
});

test('a Deny of others is not taken away, and is named', async () => {
  addRole(site.iam, 'reports', { Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole' });
  const { exitCode, stdout } = await site.podrole(...WEB, '--approve');
  assert.equal(exitCode, 3);
  assert.match(
    stdout,
    /^not done: role .*reports does not let in the pods, for what others wrote there: denied, Statement\[1\] denies it/m,
  );
});

test('a bindings file names targets too, and an export says what it leaves out', async () => {
  addRole(site.iam, 'reports');
  const file = join(mkdtempSync(join(tmpdir(), 'podrole-')), 'b.json');
  const binding = {
    namespace: 'shop',
    serviceAccount: 'web',
    roleName: 'shop-web',
    targetRoleArn: TARGET,
    sessionTags: false,
  };
  writeFileSync(
    file,
    JSON.stringify({ apiVersion: 'podrole.dev/v1alpha1', kind: 'Bindings', bindings: [binding] }),
  );
  const args = ['bind', '-f', file, '--cluster-name', 'one', ...THUMBPRINT];
  const exported = await site.podrole(
    ...args,
    '-o',
    'terraform',
    '--issuer',
    'https://oidc.example.test/one',
  );
  assert.equal(exported.exitCode, 0, exported.stderr);
  assert.match(
    exported.stderr,
    /note: the trust policy of .*reports is not exported; it needs this statement: \{"Sid":"PodroleTarget/,
  );
  assert.match(exported.stdout, /podrole-target-role/);
  await approve(...args);
  assert.equal(annotations()?.['podrole.dev/session-tags'], 'false');
  assert.equal((await site.podrole(...args)).stdout, 'no changes\n');
});
