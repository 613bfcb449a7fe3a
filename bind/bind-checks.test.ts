import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { iamRefusal } from '../testing/aws/iam-server.ts';
import { useBindSite } from '../testing/bind/bind-site.ts';

/** Everything is checked before the first write, and all problems are reported at once. */
const THUMBPRINT = ['--thumbprint', '990f4193972f2becf12ddeda5237f9c952f20d9e'];
const WEB = ['bind', '-n', 'shop', 'web', ...THUMBPRINT, '--approve'];
const STATEMENT = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };
const policyArn = (name: string) => `arn:aws:iam::111122223333:policy/${name}`;

const folder = mkdtempSync(join(tmpdir(), 'podrole-checks-'));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'two'));
function fileOf(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}
const good = fileOf('good.json', { Version: '2012-10-17', Statement: [STATEMENT] });
const bindings = (name: string, ...list: readonly object[]) =>
  fileOf(name, { apiVersion: 'podrole.dev/v1alpha1', kind: 'Bindings', bindings: list });
const entry = (serviceAccount: string, more: object = {}) => ({ namespace: 'shop', serviceAccount, ...more });

const site = useBindSite();

async function refused(args: readonly string[], ...said: readonly RegExp[]): Promise<void> {
  const { exitCode, stderr } = await site.podrole(...args);
  assert.notEqual(exitCode, 0);
  const errors = stderr.split('\n').filter((line) => line.startsWith('error: '));
  assert.equal(errors.length, said.length, stderr);
  for (const [at, pattern] of said.entries()) assert.match(errors[at] ?? '', pattern);
  assert.deepEqual([...site.iam.writes(), ...site.cluster.writes], []);
}

test('policies and boundaries that do not exist, all at once', async () => {
  for (const name of ['gone', 'bounds']) site.iam.missingPolicies.add(policyArn(name));
  const args = ['--attach-policy-arn', `${policyArn('gone')},${policyArn('here')}`];
  await refused(
    [...WEB, ...args, '--permissions-boundary', policyArn('bounds')],
    /policy .*gone: does not exist; correct the ARN, or create the policy first \[POLICY_NOT_FOUND\]/,
    /policy .*bounds: does not exist; .*\[POLICY_NOT_FOUND\]/,
  );
});

test('a policy that a role already has is not asked for again', async () => {
  await site.podrole(...WEB, '--attach-policy-arn', policyArn('here'));
  site.iam.missingPolicies.add(policyArn('here'));
  assert.equal((await site.podrole(...WEB, '--attach-policy-arn', policyArn('here'))).exitCode, 0);
});

/** Credentials without the right, and servers without the call: as radosgw answers. */
const OPEN = [
  [403, 'AccessDenied'],
  [400, 'InvalidAction'],
  [405, 'MethodNotAllowed'],
  [501, 'NotImplemented'],
  [404, 'NotFound'],
] as const;
for (const [status, code] of OPEN) {
  test(`iam:GetPolicy is answered ${code}: a note, and the run goes on`, async () => {
    site.iam.refuse = ({ action }) =>
      action === 'GetPolicy' ? iamRefusal(status, code, 'not for you') : undefined;
    const { exitCode, stdout } = await site.podrole(...WEB, '--attach-policy-arn', policyArn('here'));
    assert.equal(exitCode, 0);
    assert.match(stdout, /^note: podrole could not check that .*policy\/here exist: iam:GetPolicy failed: /m);
  });
}

test('a policy that no role may have', async () => {
  site.iam.refuse = ({ action }) =>
    action === 'GetPolicy' ? iamRefusal(400, 'InvalidInput', 'ARN is not valid.') : undefined;
  await refused(
    [...WEB, '--attach-policy-arn', policyArn('a')],
    /policy .*\/a: iam:GetPolicy failed: InvalidInput/,
  );
});

const deep = (depth: number) => `{"Statement":${'['.repeat(depth)}${']'.repeat(depth)}}`;
const FILES: readonly (readonly [name: string, content: unknown, said: RegExp])[] = [
  [
    'nested 10,000 deep',
    deep(10_000),
    /is nested deeper than 200 levels; give an IAM policy in JSON \[INVALID_POLICY_FILE\]/,
  ],
  ['nested 100 deep', deep(100), /Statement\[0\], which is not an object/],
  ['empty', '', /give an IAM policy in JSON \[INVALID_POLICY_FILE\]/],
  [
    'with two Effects',
    '{"Statement":\n{"Effect":"Deny","Action":"*",\n"Eff\\u0065ct":"Allow","Resource":"*"}}',
    /line 3 names a member that its object has already; .* \[INVALID_POLICY_FILE\]/,
  ],
  ['a list', [], /that is not a JSON object; correct the policy \[INVALID_BINDING\]/],
  ['without Effect', { Statement: { Action: '*', Resource: '*' } }, /that has Statement without Effect/],
  [
    'with a Principal',
    { Statement: { ...STATEMENT, Principal: '*' } },
    /Principal, which only the policy of a resource/,
  ],
  [
    'with Statments',
    { Statments: [STATEMENT], Statement: STATEMENT },
    /unknown element Statments: write Statement/,
  ],
];
for (const [name, content, said] of FILES) {
  test(`a policy file ${name}`, () => refused([...WEB, '--policy-file', fileOf('bad.json', content)], said));
}

test('faults of settings, of files and of the binding are reported together', () =>
  refused(
    [
      ...WEB,
      ...['--policy-file', `${good},${fileOf('bad1.json', '{')},${join(folder, 'none.json')}`],
      ...['--thumbprint', 'x', '--tags', 'a'],
    ],
    /--thumbprint: holds "x"/,
    /--tags: holds "a"/,
    /--policy-file .*bad1\.json: /,
    /--policy-file .*none\.json: /,
  ));

test('no file twice', async () => {
  await refused(
    [...WEB, '--policy-file', `${good},${join(folder, '.', 'good.json')}`],
    /names .*good.json 2 times/,
  );
  const file = bindings('once.json', entry('web'));
  await refused(
    ['bind', '-f', file, '-f', file, '--approve'],
    /--filename: names .*once\.json 2 times; name it once/,
  );
  const other = bindings('other.json', entry('api'), entry('web'));
  await refused(
    ['bind', '-f', `${file},${other}`, '--approve'],
    /other\.json:\d+: binds shop\/web, which .*once\.json:\d+ does already; leave one of them \[INVALID_BINDINGS_FILE\]/,
  );
});

test('a ServiceAccount in two files is named with both lines', async () => {
  const yaml = (name: string, ...accounts: string[]) => {
    const path = join(folder, name);
    const list = accounts.map((account) => `  - namespace: shop\n    serviceAccount: ${account}\n`);
    writeFileSync(path, `apiVersion: podrole.dev/v1alpha1\nkind: Bindings\nbindings:\n${list.join('')}`);
    return path;
  };
  const files = [yaml('a.yaml', 'api', 'web'), yaml('b.yaml', 'other', 'more', 'web')];
  await refused(
    ['bind', '-f', files.join(',')],
    /b\.yaml:8: binds shop\/web, which \S*a\.yaml:6 does already; leave one of them/,
  );
});

test('no two inline policies of one name', async () => {
  const twin = fileOf('two/good.json', { Statement: [STATEMENT] });
  await refused(
    [...WEB, '--policy-file', `${good},${twin}`],
    /has 2 inline policies with the name podrole-good/,
  );
  const named = fileOf('podrole-good.json', { Statement: [STATEMENT] });
  await refused(
    [...WEB, '--policy-file', `${good},${named}`],
    /has 2 inline policies with the name podrole-good/,
  );
  const known = fileOf('external-dns.json', { Statement: [STATEMENT] });
  await refused(
    [...WEB, '--policy-file', known, '--well-known', 'external-dns'],
    /has 2 inline policies with the name podrole-external-dns; rename them/,
  );
});

test('no two bindings with one role, whatever its path and the case of its name', async () => {
  const path = bindings(
    'roles.json',
    entry('web', { roleName: 'both' }),
    entry('api', { roleName: 'Both', rolePath: '/a/' }),
    entry('job', { attachRoleArn: 'arn:aws:iam::111122223333:role/b/both' }),
  );
  await refused(
    ['bind', '-f', path, ...THUMBPRINT, '--approve'],
    /binding shop\/api: has the role of binding shop\/web, /,
    /binding shop\/job: has the role of binding shop\/web, /,
    /role\/b\/both: does not exist/,
  );
});

test('the names of a role are complete: path, prefix of the cluster, 64 characters, 128 for a policy', async () => {
  await refused(
    [...WEB, '--role-path', '/arn:aws/'],
    /would have the role arn:.*, whose name or path IAM refuses/,
  );
  await refused([...WEB, '--cluster-name', 'a b'], /--cluster-name: is "a b"/);
  const name = `${'p'.repeat(121)}.json`;
  await refused(
    [...WEB, '--policy-file', fileOf(name, { Statement: [STATEMENT] })],
    /for a policy name; give 1 to 128/,
  );
  const long = [
    '--cluster-name',
    'c'.repeat(80),
    '--policy-file',
    fileOf(name.slice(1), { Statement: [STATEMENT] }),
  ];
  assert.equal((await site.podrole(...WEB, ...long)).exitCode, 0);
  assert.equal([...site.iam.roles.keys()][0]?.length, 64);
});

test('labels and annotations that the API server would refuse after all changes in IAM', async () => {
  const metadata = {
    labels: { 'a b': 'x', good: '', app: 'not good' },
    annotations: { 'example.com/Team': 'any text', 'Example.com/': 'x' },
  };
  await refused(
    ['bind', '-f', bindings('labels.json', entry('web', metadata)), ...THUMBPRINT, '--approve'],
    /the label "a b", which is not/,
    /the label "app" with a value that is not/,
    /the annotation "Example\.com\/", which is not/,
  );
});

test('quotas of a role count what others added to it', async () => {
  await site.podrole(...WEB);
  const role = site.iam.roles.get('shop-web') ?? assert.fail();
  for (let at = 0; at < 20; at++) role.attached.add(policyArn(`p${at}`));
  for (let at = 0; at < 47; at++) role.tags.set(`t${at}`, '');
  role.inline.set('big', JSON.stringify({ Statement: { ...STATEMENT, Sid: 'x'.repeat(10_150) } }));
  const before = site.iam.writes().length;
  const args = ['--attach-policy-arn', policyArn('one'), '--policy-file', good, '--tags', 'a=b'];
  const { exitCode, stderr } = await site.podrole(...WEB, ...args);
  assert.equal(exitCode, 3);
  assert.match(
    stderr,
    /role shop-web: would have inline policies of \d+ characters, but IAM accepts at most 10240/,
  );
  assert.match(stderr, /role shop-web: would have 21 managed policies, but IAM accepts at most 20/);
  assert.match(stderr, /role shop-web: would have 52 tags, but IAM accepts at most 50/);
  assert.equal(site.iam.writes().length, before);
  for (let at = 9; at < 20; at++) role.attached.delete(policyArn(`p${at}`));
  for (const key of ['t1', 't2', 't3']) role.tags.delete(key);
  role.inline.clear();
  const more = await site.podrole(...WEB, '--attach-policy-arn', `${policyArn('one')},${policyArn('two')}`);
  assert.match(more.stdout, /^note: role shop-web would have 11 managed policies: IAM accepts 10, unless/m);
});
