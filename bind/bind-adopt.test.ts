import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { useBindSite } from '../testing/bind/bind-site.ts';

/** Roles of eksctl, Terraform, kOps, ccoctl and people, which --adopt keeps. */
const READ_ONLY = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
const LOGS = 'arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess';
const ACCOUNT = '/api/v1/namespaces/shop/serviceaccounts/web';
const ROLE_KEY = 'eks.amazonaws.com/role-arn';
const THUMBPRINT = ['--thumbprint', '990F4193972F2BECF12DDEDA5237F9C952F20D9E'];
const WEB = ['bind', '-n', 'shop', 'web', ...THUMBPRINT];
const EKSCTL_ROLE = 'eksctl-blue-addon-iamserviceaccount-shop-web-Role1-1ABCDEF';
const STACK = 'eksctl-blue-addon-iamserviceaccount-shop-web';
const EKS_ISSUER = 'oidc.eks.eu-central-1.amazonaws.com/id/ABC';
const EKS_STATEMENT = {
  Effect: 'Allow',
  Principal: { Federated: `arn:aws:iam::111122223333:oidc-provider/${EKS_ISSUER}` },
  Action: 'sts:AssumeRoleWithWebIdentity',
  Condition: {
    StringEquals: {
      [`${EKS_ISSUER}:sub`]: 'system:serviceaccount:shop:web',
      [`${EKS_ISSUER}:aud`]: 'sts.amazonaws.com',
    },
  },
};
const EKSCTL_TAGS = {
  'alpha.eksctl.io/cluster-name': 'blue',
  'alpha.eksctl.io/iamserviceaccount-name': 'shop/web',
  'aws:cloudformation:stack-name': STACK,
  'aws:cloudformation:logical-id': 'Role1',
};

const folder = mkdtempSync(join(tmpdir(), 'podrole-adopt-'));
after(() => rmSync(folder, { recursive: true }));
const site = useBindSite();

const arnOf = (name: string, path = '/') => `arn:aws:iam::111122223333:role${path}${name}`;
const roleOf = (name: string) => site.iam.roles.get(name) ?? assert.fail(name);
const trustOf = (name: string) => JSON.parse(roleOf(name).trustPolicy).Statement;

function foreignRole(name: string, tags: Readonly<Record<string, string>>, path = '/'): void {
  site.iam.roles.set(name, {
    path,
    trustPolicy: JSON.stringify({ Version: '2012-10-17', Statement: [EKS_STATEMENT] }),
    description: 'theirs',
    maxSessionDuration: '7200',
    boundary: 'arn:aws:iam::111122223333:policy/bound',
    tags: new Map(Object.entries(tags)),
    attached: new Set([READ_ONLY]),
    inline: new Map([['Policy1', JSON.stringify({ Statement: [] })]]),
  });
}

function annotated(annotations: Readonly<Record<string, string>>, manager?: string): void {
  const labels = manager === undefined ? {} : { 'app.kubernetes.io/managed-by': manager };
  site.cluster.objects.set(ACCOUNT, { metadata: { namespace: 'shop', name: 'web', labels, annotations } });
}

async function approve(...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await site.podrole(...args, '--approve');
  assert.equal(exitCode, 0, stderr);
  return stdout;
}

test('a ServiceAccount of eksctl keeps its role with all policies; it trusts this cluster too', async () => {
  foreignRole(EKSCTL_ROLE, EKSCTL_TAGS);
  annotated({ [ROLE_KEY]: arnOf(EKSCTL_ROLE) }, 'eksctl');
  const stdout = await approve(...WEB, '--adopt', '--attach-policy-arn', LOGS);
  assert.match(
    stdout,
    /^note: ServiceAccount shop\/web keeps its role arn.*Role1-1ABCDEF, which becomes podrole's$/m,
  );
  assert.match(
    stdout,
    /^note: role eksctl-.*: the CloudFormation stack eksctl-blue-\S+ still owns it, .* eksctl delete iamserviceaccount; .* DeletionPolicy: Retain .*, then delete it$/m,
  );
  assert.match(
    stdout,
    /^note: ServiceAccount shop\/web has the label app.kubernetes.io\/managed-by=eksctl, /m,
  );
  assert.doesNotMatch(stdout, /REMOVAL/);
  assert.deepEqual([...site.iam.roles.keys()], [EKSCTL_ROLE]);
  const role = roleOf(EKSCTL_ROLE);
  assert.deepEqual([[...role.attached], [...role.inline.keys()]], [[READ_ONLY, LOGS], ['Policy1']]);
  assert.deepEqual([role.description, role.maxSessionDuration], ['theirs', '7200']);
  const [theirs, ours, ...more] = trustOf(EKSCTL_ROLE);
  assert.deepEqual([theirs, more], [EKS_STATEMENT, []]);
  assert.match(ours.Sid, /^Podrole/);
  assert.equal(role.tags.get('podrole.dev/service-account'), 'shop/web');
  assert.equal(role.tags.get('podrole.dev/managed-by'), undefined);
  assert.deepEqual(site.cluster.writes, []);
});

test('again there is nothing to do, with --adopt and without; unbind takes back only what podrole added', async () => {
  foreignRole(EKSCTL_ROLE, EKSCTL_TAGS);
  annotated({ [ROLE_KEY]: arnOf(EKSCTL_ROLE) });
  await approve(...WEB, '--adopt');
  for (const more of [[], ['--adopt']]) {
    const { stdout, exitCode } = await site.podrole(...WEB, ...more, '--exit-code');
    assert.match(stdout, /^no changes$/m);
    assert.equal(exitCode, 0);
  }
  await approve('unbind', '-n', 'shop', 'web');
  assert.deepEqual([...roleOf(EKSCTL_ROLE).tags.keys()], Object.keys(EKSCTL_TAGS));
  assert.deepEqual(trustOf(EKSCTL_ROLE), [EKS_STATEMENT]);
});

/** Roles of others, by their tags, and what the note says of them. */
const MANAGERS: readonly (readonly [name: string, tags: Readonly<Record<string, string>>, note: RegExp])[] = [
  [
    'eksctl without a stack',
    { 'alpha.eksctl.io/cluster-name': 'blue' },
    /: eksctl created it for cluster blue/,
  ],
  [
    'a stack',
    { 'aws:cloudformation:stack-name': 'roles' },
    /: the CloudFormation stack roles still owns it, and deleting the stack deletes the role; /,
  ],
  ['kOps', { KubernetesCluster: 'k.example.com' }, /: kOps created it for cluster k\.example\.com;/],
  ['ccoctl', { 'openshift.io/cloud-credential-operator/prod': 'owned' }, /: ccoctl created it for prod,/],
  ['Terraform', { ManagedBy: 'terraform' }, /: a tag says that terraform manages it/],
  ['a person', { team: 'shop' }, /keeps its role/],
];
for (const [name, tags, note] of MANAGERS) {
  test(`the role of ${name}, by its annotation and by its default name`, async () => {
    foreignRole('theirs', tags, '/team/');
    annotated({ [ROLE_KEY]: arnOf('theirs', '/team/') });
    const refused = await site.podrole(...WEB, '--approve');
    assert.match(
      refused.stderr,
      /has the role .*theirs; give .*--adopt to keep it.*\[SERVICE_ACCOUNT_HAS_ROLE\]/,
    );
    assert.match(await approve(...WEB, '--adopt'), note);
    assert.deepEqual([...site.iam.roles.keys()], ['theirs']);
    foreignRole('shop-web', tags);
    site.cluster.objects.delete(ACCOUNT);
    const taken = await site.podrole(...WEB, '--approve');
    assert.match(taken.stderr, /role shop-web: exists, .*--adopt to use it anyway.*\[ROLE_NAME_TAKEN\]/);
    await approve(...WEB, '--adopt');
    assert.match((await site.podrole(...WEB)).stdout, /^no changes$/m);
    assert.deepEqual([...roleOf('shop-web').attached], [READ_ONLY]);
  });
}

test('the role of a container is adopted in the same way', async () => {
  foreignRole('logs', {});
  annotated({ 'podrole.dev/container-roles': `fluentd=${arnOf('logs')}` });
  const stdout = await approve(...WEB, '--container', 'fluentd', '--adopt');
  assert.match(
    stdout,
    /^note: container shop\/web\/fluentd keeps its role arn.*\/logs, which becomes podrole's$/m,
  );
  assert.match(roleOf('logs').trustPolicy, /sts\.amazonaws\.com\/fluentd/);
});

test('a role name in the annotation is completed as the webhook does', async () => {
  foreignRole('theirs', {});
  annotated({ [ROLE_KEY]: 'theirs' });
  await approve(...WEB, '--adopt', '--compose-role-arn');
  assert.deepEqual([...site.iam.roles.keys(), site.cluster.writes.length], ['theirs', 0]);
});

test('all bindings of a file are adopted, and a ServiceAccount without a role gets a new one', async () => {
  foreignRole(EKSCTL_ROLE, EKSCTL_TAGS);
  annotated({ [ROLE_KEY]: arnOf(EKSCTL_ROLE) });
  const file = join(folder, 'bindings.json');
  const bindings = ['web', 'api'].map((serviceAccount) => ({ namespace: 'shop', serviceAccount }));
  writeFileSync(file, JSON.stringify({ apiVersion: 'podrole.dev/v1alpha1', kind: 'Bindings', bindings }));
  await approve('bind', '-f', file, ...THUMBPRINT, '--adopt');
  assert.deepEqual([...site.iam.roles.keys()], [EKSCTL_ROLE, 'shop-api']);
  assert.match((await site.podrole('bind', '-f', file, ...THUMBPRINT)).stdout, /^no changes$/m);
});

/** Annotations with roles that cannot be adopted, and the reason. */
const REFUSED: readonly (readonly [name: string, role: string, said: RegExp])[] = [
  [
    'in another account',
    'arn:aws:iam::444455556666:role/web',
    /ServiceAccount shop\/web: has the role arn:aws:iam::444455556666:role\/web, which is not in account 111122223333 .*; use credentials of its account, .*\[CANNOT_ADOPT\]/,
  ],
  [
    'in another partition',
    'arn:aws-cn:iam::111122223333:role/web',
    /is not in account .* partition aws,.*\[CANNOT_ADOPT\]/,
  ],
  ['in MinIO', 'arn:minio:iam:::role/abc', /which is in MinIO.*\[CANNOT_ADOPT\]/],
  ['that does not exist', arnOf('gone'), /which does not exist; give --override-existing-.*\[CANNOT_ADOPT\]/],
  ['that is only a name', 'theirs', /which is not a role ARN; correct the annotation.*\[CANNOT_ADOPT\]/],
  ['under another path', arnOf('theirs', '/a/'), /the role of that name is .*role\/theirs.*\[OTHER_ROLE\]/],
];
for (const [name, role, said] of REFUSED) {
  test(`not adopted: a role ${name}`, async () => {
    foreignRole('theirs', {});
    annotated({ [ROLE_KEY]: role });
    const { exitCode, stderr } = await site.podrole(...WEB, '--partition', 'aws', '--adopt', '--approve');
    assert.equal(exitCode, 3);
    assert.match(stderr, said);
    assert.deepEqual([...site.iam.writes(), ...site.cluster.writes], []);
  });
}

/** Tags of a role with the default name that is for somebody else. */
const OF_OTHERS: readonly (readonly [tags: Readonly<Record<string, string>>, said: RegExp])[] = [
  [
    { 'alpha.eksctl.io/iamserviceaccount-name': 'shop/api' },
    /was created by eksctl for ServiceAccount shop\/api/,
  ],
  [{ 'podrole.dev/service-account': 'a/b' }, /was adopted for ServiceAccount a\/b/],
  [
    { 'podrole.dev/service-account': 'a/b', 'podrole.dev/managed-by': 'podrole' },
    /was created for ServiceAccount a\/b/,
  ],
];
for (const [tags, said] of OF_OTHERS) {
  test(`not adopted by its name alone: ${said.source}`, async () => {
    foreignRole('shop-web', tags);
    assert.match((await site.podrole(...WEB, '--adopt')).stderr, said);
  });
}

for (const more of [
  ['--prune'],
  ['--override-existing-serviceaccounts'],
  ['--attach-role-arn', arnOf('x')],
  ['-o', 'terraform'],
]) {
  test(`--adopt excludes ${more[0]}`, async () => {
    const { exitCode, stderr } = await site.podrole(...WEB, '--adopt', ...more);
    assert.notEqual(exitCode, 0);
    assert.match(stderr, /--adopt: .*\[INVALID_SETTING\]/);
  });
}
