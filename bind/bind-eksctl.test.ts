// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation writes variables so.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { useBindSite } from '../testing/bind/bind-site.ts';
import { runCli } from '../testing/processes/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-eksctl-'));
const site = useBindSite();
after(() => rmSync(folder, { recursive: true }));

const THUMBPRINT = ['--thumbprint', '990F4193972F2BECF12DDEDA5237F9C952F20D9E'];
const ARN = 'arn:aws:eks:eu-central-1:111122223333:cluster/';

function write(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function eksctlFile(name: string, block = 'metadata: {name: web, namespace: shop}', region = 'eu-central-1') {
  const metadata = `metadata: {name: ${name}, region: ${region}}`;
  const head = `apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\n${metadata}\n`;
  return write(`${name}-${region}.yaml`, `${head}iam: {serviceAccounts: [{${block}}]}\n`);
}

function kubeconfig(context: string, cluster = context): string {
  const config = {
    clusters: [{ name: cluster, cluster: { server: site.cluster.url } }],
    users: [{ name: 'me', user: {} }],
    contexts: [
      { name: context, context: { cluster, user: 'me' } },
      { name: 'right', context: { cluster: 'right', user: 'me' } },
    ],
    'current-context': context,
  };
  return write('kubeconfig', JSON.stringify(config));
}

const SHOP = () => eksctlFile('shop');
const bind = (context: string, cluster: string | undefined, ...args: string[]) =>
  site.podrole('bind', ...THUMBPRINT, '--kubeconfig', kubeconfig(context, cluster), ...args);

/** Contexts and entries of clusters that clearly are of another cluster than shop in eu-central-1. */
const OTHER: readonly (readonly [context: string, cluster: string | undefined, shown: string])[] = [
  [`${ARN}test`, undefined, 'test in eu-central-1'],
  ['prod', `${ARN}test`, 'test in eu-central-1'],
  [`${ARN}shop`.replace('eu-central-1', 'us-east-1'), undefined, 'shop in us-east-1'],
  ['joe@test.eu-central-1.eksctl.io', 'test.eu-central-1.eksctl.io', 'test in eu-central-1'],
  ['joe@shop.us-east-1.eksctl.io', undefined, 'shop in us-east-1'],
  ['kind-test', undefined, 'test'],
  ['k3d-test', undefined, 'test'],
  ['kubernetes-admin@test', 'test', 'test'],
];
for (const [context, cluster, shown] of OTHER) {
  test(`an eksctl file is refused in context ${context}, cluster ${cluster}`, async () => {
    const { exitCode, stdout, stderr } = await bind(context, cluster, '-f', SHOP(), '--approve');
    assert.deepEqual([exitCode, stdout], [3, '']);
    const problem = `yaml:3 metadata.name: is shop in eu-central-1, but context ${context} of the kubeconfig is of ${shown}; name the context`;
    assert.ok(stderr.includes(problem), stderr);
    assert.match(stderr, /or give --any-cluster to bind in this one \[WRONG_CLUSTER\]\n/);
    assert.deepEqual([site.iam.writes(), site.cluster.requests], [[], []]);
    const forced = await bind(context, cluster, '-f', SHOP(), '--any-cluster');
    assert.deepEqual([forced.exitCode, forced.stderr], [0, '']);
  });
}

const SAME: readonly (readonly [context: string, cluster: string | undefined])[] = [
  [`${ARN}shop`, undefined],
  ['prod', `${ARN}shop`],
  ['joe@shop.eu-central-1.eksctl.io', undefined],
  ['kind-shop', undefined],
  ['kubernetes-admin@shop', 'shop'],
  ['shop', undefined],
  ['prod', 'shop'],
];
for (const [context, cluster] of SAME) {
  test(`an eksctl file is taken in context ${context}, cluster ${cluster}`, async () => {
    const { exitCode, stderr } = await bind(context, cluster, '-f', SHOP());
    assert.deepEqual([exitCode, stderr], [0, '']);
  });
}

for (const context of ['prod', 'kubernetes-admin@kubernetes']) {
  test(`context ${context} does not say which cluster it is, which is noted`, async () => {
    const { exitCode, stderr } = await bind(context, undefined, '-f', SHOP());
    assert.equal(exitCode, 0);
    assert.match(
      stderr,
      /^note: .*yaml:3 metadata\.name: shop is not compared with the kubeconfig, which does not name its cluster\n$/,
    );
  });
}

test('--cluster-name must be that of the file, also for an export', async () => {
  const other = await bind(`${ARN}shop`, undefined, '-f', SHOP(), '--cluster-name', 'test');
  assert.equal(other.exitCode, 3);
  assert.match(
    other.stderr,
    /--cluster-name: is test, but .*yaml:3 metadata\.name is shop; leave it out, or give --any-cluster .*\[WRONG_CLUSTER\]/,
  );
  const offline = ['--issuer', 'https://oidc.example.com', '-o', 'aws-cli'];
  assert.equal(
    (await bind('prod', undefined, '-f', SHOP(), '--cluster-name', 'test', ...offline)).exitCode,
    3,
  );
  assert.equal((await bind(`${ARN}shop`, undefined, '-f', SHOP(), '--cluster-name', 'shop')).exitCode, 0);
});

test('files of two clusters are not for one run', async () => {
  const files = ['-f', SHOP(), '-f', eksctlFile('test', 'metadata: {name: other}')];
  const { exitCode, stderr } = await bind(`${ARN}shop`, undefined, ...files);
  assert.equal(exitCode, 3);
  assert.match(
    stderr,
    /test-eu-central-1\.yaml:3 metadata\.name: is test in eu-central-1, but .*shop-.*:3 metadata\.name is shop in eu-central-1; bind each cluster in a run/,
  );
  assert.equal((await bind('prod', undefined, ...files)).exitCode, 3);
  assert.equal((await bind('prod', undefined, ...files, '--any-cluster')).exitCode, 0);
});

test('a run that does not use the cluster is not compared with it', async () => {
  const issuer = ['--issuer', 'https://oidc.example.com'];
  const exported = await bind('kind-test', undefined, '-f', SHOP(), ...issuer, '-o', 'terraform');
  assert.deepEqual([exported.exitCode, exported.stderr], [0, '']);
  const roleOnly = eksctlFile('roles', 'metadata: {name: web}, roleOnly: true');
  assert.equal((await bind('kind-test', undefined, '-f', roleOnly, ...issuer)).exitCode, 0);
  const askedForIssuer = await bind('kind-test', undefined, '-f', SHOP(), '-o', 'terraform');
  assert.match(askedForIssuer.stderr, /WRONG_CLUSTER/);
});

test('--any-cluster without a file is refused', async () => {
  const { exitCode, stderr } = await site.podrole('bind', 'web', '--any-cluster');
  assert.equal(exitCode, 2);
  assert.match(stderr, /--any-cluster: is for eksctl files; give --filename too, or leave it out/);
});

test('the account of the credentials is put into the values of a file', async () => {
  const boundary = 'arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/eks/a';
  const policy = `{Statement: [{Effect: Allow, Action: "s3:*", Resource: !Sub "arn:aws:s3:::\${AWS::AccountId}"}]}`;
  const block = `metadata: {name: web, namespace: shop}, attachPolicyARNs: [!Sub "${boundary}"], attachPolicy: ${policy}`;
  const file = eksctlFile('late', block);
  const args = ['bind', '-f', file, '--issuer', 'https://oidc.example.com', '-o', 'aws-cli'];
  const { exitCode, stdout, stderr } = await runCli(args);
  assert.deepEqual([exitCode, stderr], [0, '']);
  assert.match(stdout, new RegExp(`arn:aws:iam::${site.iam.account}:policy/eks/a`));
  assert.match(stdout, new RegExp(`arn:aws:s3:::${site.iam.account}`));
  assert.doesNotMatch(stdout, /000000000000|AWS::/);
});

test('a call that cannot be resolved stops the run before any request', async () => {
  const file = eksctlFile('calls', 'metadata: {name: web}, attachRoleARN: !GetAtt Role.Arn');
  const { exitCode, stderr } = await bind(`${ARN}calls`, undefined, '-f', file, '--approve');
  assert.equal(exitCode, 3);
  assert.match(
    stderr,
    /yaml:4 iam\.serviceAccounts\[0\]\.attachRoleARN\.!GetAtt: .* \(ServiceAccount default\/web\); write the value itself \[INVALID_BINDINGS_FILE\]/,
  );
  assert.deepEqual([site.iam.writes(), site.cluster.requests], [[], []]);
});
