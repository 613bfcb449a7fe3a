import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { asObject } from '../../lib/json/json.ts';
import { useBindSite } from '../../testing/bind/bind-site.ts';

const READ_ONLY = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
const ACCOUNT = '/api/v1/namespaces/shop/serviceaccounts/web';
const THUMBPRINT = ['--thumbprint', '990F4193972F2BECF12DDEDA5237F9C952F20D9E'];
const WEB = ['bind', '-n', 'shop', 'web', '--attach-policy-arn', READ_ONLY, '--well-known', 'external-dns'];
const EXPORT = [...WEB, ...THUMBPRINT, '-o', 'terraform', '--import-existing'];

const site = useBindSite();

async function approve(...args: string[]) {
  const { exitCode, stderr } = await site.podrole(...args, ...THUMBPRINT, '--approve');
  assert.equal(exitCode, 0, stderr);
}

test('what does not exist is not imported, and the missing namespace is created', async () => {
  const { exitCode, stdout } = await site.podrole(...EXPORT);
  assert.equal(exitCode, 0);
  assert.doesNotMatch(stdout, /^import /m);
  assert.match(
    stdout,
    /^resource "kubernetes_namespace_v1" "shop" \{\n {2}metadata \{\n {4}name = "shop"\n/m,
  );
  assert.match(stdout, / namespace = kubernetes_namespace_v1\.shop\.metadata\[0\]\.name\n/);
  assert.match(stdout, / "eks\.amazonaws\.com\/role-arn" = aws_iam_role\.shop_web\.arn\n/);
  assert.deepEqual([...site.iam.writes(), ...site.cluster.writes], []);
});

test('what exists is imported with everything that it has; to rewrite the file: UPDATE_GOLDEN=1', async () => {
  await approve(...WEB);
  const role = site.iam.roles.get('shop-web') ?? assert.fail('there is no role');
  const policy = JSON.parse(role.trustPolicy);
  policy.Statement.unshift({
    Effect: 'Allow',
    Principal: { Service: 'ec2.amazonaws.com' },
    Action: 'sts:AssumeRole',
  });
  role.trustPolicy = JSON.stringify(policy);
  role.tags.set('team', 'shop');
  role.maxSessionDuration = '7200';
  role.attached.add('arn:aws:iam::aws:policy/job-function/Billing');
  const object = asObject(site.cluster.objects.get(ACCOUNT));
  const metadata = asObject(object?.['metadata']);
  site.cluster.objects.set(ACCOUNT, {
    ...object,
    metadata: {
      ...metadata,
      labels: { team: 'shop' },
      annotations: {
        ...asObject(metadata?.['annotations']),
        note: 'kept',
        'kubectl.kubernetes.io/last-applied-configuration': '{}',
      },
    },
    automountServiceAccountToken: false,
    imagePullSecrets: [{ name: 'registry' }],
  });
  const before = site.iam.writes().length;
  const { exitCode, stdout, stderr } = await site.podrole(...EXPORT);
  assert.equal(exitCode, 0, stderr);
  const golden = `${import.meta.dirname}/testdata/existing.tf`;
  if (process.env['UPDATE_GOLDEN']) writeFileSync(golden, stdout);
  assert.equal(stdout, readFileSync(golden, 'utf8'));
  assert.equal(site.iam.writes().length, before);
});

test('only what exists is imported', async () => {
  await approve('bind', '-n', 'shop', 'other');
  const { stdout } = await site.podrole(...EXPORT);
  const imported = [...stdout.matchAll(/^import \{\n {2}to = (\w+)/gm)].map(([, type]) => type);
  assert.deepEqual(imported, ['aws_iam_openid_connect_provider']);
  assert.doesNotMatch(stdout, /kubernetes_namespace_v1/);
});

test('the faults of the plan are those of the export', async () => {
  await approve('bind', '-n', 'shop', 'other', '--role-name', 'shop-web');
  const { exitCode, stdout, stderr } = await site.podrole(...EXPORT);
  assert.equal(exitCode, 3);
  assert.equal(stdout, '');
  assert.match(stderr, /^error: role shop-web: /);
});

for (const args of [[], ['-o', 'json'], ['-o', 'cloudformation']]) {
  test(`--import-existing is for Terraform: ${args.join(' ')}`, async () => {
    const { exitCode, stderr } = await site.podrole(...WEB, '--import-existing', ...args);
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, /--import-existing/);
  });
}
