import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { type FakeCluster, startFakeCluster } from '../testing/kubernetes/fake-cluster.ts';
import { runCli } from '../testing/processes/cli.ts';

const ROLE = 'arn:aws:iam::111122223333:role/';
const folder = mkdtempSync(join(tmpdir(), 'podrole-policy-'));
const FILE = join(folder, 'policy.yaml');
writeFileSync(
  FILE,
  `apiVersion: podrole.dev/v1
kind: RolePolicy
unlisted: annotated
rules:
- namespaces: [shop]
  serviceAccounts: [web, ops]
  roles: ["${ROLE}shop-*"]
`,
);

let cluster: FakeCluster;
before(async () => {
  cluster = await startFakeCluster({ mostPerPage: 2 });
  for (const [name, annotations] of Object.entries({
    shop: {},
    jobs: { 'podrole.dev/allowed-roles': `${ROLE}batch/*`, 'iam.amazonaws.com/permitted': '.*report' },
    quiet: {},
  })) {
    cluster.objects.set(`/api/v1/namespaces/${name}`, { metadata: { name, annotations } });
  }
  const account = (namespace: string, name: string, annotations: Record<string, string>) =>
    cluster.put({ metadata: { namespace, name, annotations } });
  account('shop', 'web', { 'eks.amazonaws.com/role-arn': `${ROLE}shop-web` });
  account('shop', 'ops', {
    'podrole.dev/container-roles': `app=${ROLE}shop-ops,root=${ROLE}admin`,
    'podrole.dev/target-role-arn': `${ROLE}shared`,
  });
  account('shop', 'plain', { 'eks.amazonaws.com/role-arn': '' });
  account('quiet', 'default', {});
  const pod = (namespace: string, name: string, role: string, annotations: Record<string, string> = {}) =>
    cluster.put(
      {
        metadata: { namespace, name, annotations },
        spec: {
          serviceAccountName: 'web',
          containers: [
            { name: 'app', env: [{ name: 'AWS_ROLE_ARN', value: role }] },
            { name: 'odd', env: 7 },
          ],
        },
      },
      'pods',
    );
  pod('shop', 'web-0', `${ROLE}shop-web`);
  pod('shop', 'web-1', `${ROLE}by-hand\u001b[2J`);
  pod('jobs', 'report-0', `${ROLE}batch/report`, { 'iam.amazonaws.com/role': 'batch/report' });
  pod('jobs', 'report-1', '', { 'iam.amazonaws.com/role': 'batch/other' });
});
after(async () => {
  await cluster.stop();
  rmSync(folder, { recursive: true });
});

const KIAM = ['--pod-role-annotation', 'iam.amazonaws.com/role', '--base-role-arn', ROLE];
const policy = (...args: readonly string[]) => runCli(['policy', ...args, '--kube-api', cluster.url]);

test('podrole policy shows what each namespace may use, and what is refused', async () => {
  const { exitCode, stdout, stderr } = await policy('-f', FILE, ...KIAM, '--exit-code');
  assert.equal(stderr, '');
  assert.equal(
    stdout.replaceAll(FILE, 'policy.yaml'),
    `Namespace jobs
  may use  ${ROLE}batch/*  (podrole.dev/allowed-roles)
  may use  .*report  (iam.amazonaws.com/permitted, for roles that pods name)
  allowed  Pod report-0: ${ROLE}batch/report
  refused  Pod report-1: ${ROLE}batch/other
           Annotation iam.amazonaws.com/permitted of Namespace jobs: is ".*report", which does not match the whole role "batch/other" or its ARN; use a role that it matches, or extend the expression
Namespace shop
  may use  ${ROLE}shop-*  (policy.yaml; ServiceAccounts web ops)
  refused  Pod web-1: ${ROLE}by-hand\\u001b[2J
           Role policy policy.yaml: does not allow the role "${ROLE}by-hand\\u001b[2J" to ServiceAccount shop/web; use a role that it allows, or add a rule
  refused  ServiceAccount ops: ${ROLE}admin
           Role policy policy.yaml: does not allow the role "${ROLE}admin" to ServiceAccount shop/ops; use a role that it allows, or add a rule
  refused  ServiceAccount ops: ${ROLE}shared
           Role policy policy.yaml: does not allow the role "${ROLE}shared" to ServiceAccount shop/ops; use a role that it allows, or add a rule
  allowed  ServiceAccount ops: ${ROLE}shop-ops
  allowed  ServiceAccount web: ${ROLE}shop-web
4 of 7 roles in use are refused
`,
  );
  assert.equal(exitCode, 1);
});

test('podrole policy -n shows one namespace, as JSON', async () => {
  const { exitCode, stdout } = await policy('-f', FILE, '-n', 'quiet', '-o', 'json', '--exit-code');
  assert.deepEqual(JSON.parse(stdout), [{ namespace: 'quiet', mayUse: [], uses: [] }]);
  assert.equal(exitCode, 0);
});

const NOTE = /^note: podrole webhook looks at podrole\.dev\/allowed-roles only with --role-policy-file/;
for (const [title, args, expected] of [
  ['no option that makes the webhook judge roles', ['-n', 'jobs'], NOTE],
  ['--policy warn, which does not', ['-o', 'json', '--policy', 'warn'], NOTE],
  ['--policy enforce', ['--policy', 'enforce'], /^$/],
  ['an annotation of pods', KIAM, /^$/],
  ['a namespace without the annotation', ['-n', 'quiet'], /^$/],
] as const) {
  test(`podrole policy says whether anybody reads podrole.dev/allowed-roles: ${title}`, async () => {
    const { exitCode, stderr } = await policy(...args);
    assert.match(stderr, expected);
    assert.equal(exitCode, 0);
  });
}

test('podrole policy shows that unlisted namespaces may use every role', async () => {
  const open = join(folder, 'open.yaml');
  writeFileSync(open, 'apiVersion: podrole.dev/v1\nkind: RolePolicy\nunlisted: allow\nrules: []\n');
  const { stdout } = await policy('-f', open, '-n', 'quiet');
  assert.match(stdout, /^Namespace quiet\n {2}may use {2}\* {2}\(.*open\.yaml, unlisted\)\n/);
});

test('podrole policy judges operands by the file alone', async () => {
  const asked = [`shop/web=${ROLE}shop-web`, 'shop/web=shop-web', `shop/cron=${ROLE}shop-web`];
  const { exitCode, stdout } = await runCli(
    ['policy', '-f', FILE, '--base-role-arn', ROLE, '-o', 'json', '--exit-code', ...asked],
    { env: { PATH: '/nonexistent' } },
  );
  const uses = JSON.parse(stdout) as { refused?: { rule: string } }[];
  assert.deepEqual(
    uses.map(({ refused }) => refused?.rule),
    [undefined, undefined, 'policy-file'],
  );
  assert.equal(exitCode, 1);
});

for (const [title, args, expected] of [
  ['an operand without a role', ['-f', FILE, 'shop/web'], /is not NAMESPACE\/SERVICEACCOUNT=ROLE/],
  ['a role without a ServiceAccount', ['-f', FILE, 'shop=x'], /is not NAMESPACE\/SERVICEACCOUNT=ROLE/],
  ['an operand without a policy file', ['shop/web=x'], /--role-policy-file: is needed/],
  ['a policy file that is absent', ['-f', join(folder, 'absent')], /absent: .*UNREADABLE_FILE/],
  ['a folder', ['-f', folder], /UNREADABLE_FILE/],
  ['a file of another kind', ['-f', '/dev/null'], /UNREADABLE_FILE|INVALID_ROLE_POLICY/],
] as const) {
  test(`podrole policy refuses ${title}`, async () => {
    const { stderr, exitCode } = await policy(...args);
    assert.match(stderr, expected);
    assert.ok(exitCode >= 2);
  });
}

for (const [mode, actions] of [
  ['audit', ['Audit']],
  ['warn', ['Warn', 'Audit']],
  ['enforce', ['Deny']],
] as const) {
  test(`podrole policy -o vap --policy ${mode}`, async () => {
    const { stdout } = await runCli(['policy', '-f', FILE, '-o', 'vap', '--policy', mode]);
    const objects = parseAllDocuments(stdout).map((document) => document.toJS());
    assert.deepEqual(
      objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
      ['serviceaccounts', 'pods'].flatMap((name) => [
        `ValidatingAdmissionPolicy ${name}.roles.podrole.dev`,
        `ValidatingAdmissionPolicyBinding ${name}.roles.podrole.dev`,
      ]),
    );
    assert.deepEqual(objects[1].spec.validationActions, actions);
    assert.equal(objects[2].spec.failurePolicy, 'Fail');
  });
}
