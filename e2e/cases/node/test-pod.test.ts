import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { drain, listen } from '../../../lib/http/serve.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import { createNamespace, expectSuccess } from '../../cluster/api-objects.ts';
import { NODE_SIDE_ADDRESS } from '../../cluster/components.ts';
import { runCommand, succeed } from '../../cluster/run-command.ts';
import { expectKubectl } from '../../setup/install/install-podrole.ts';
import { startNodeSite } from '../../setup/install/node-site.ts';
import { createServiceAccount, listPods, podsIn } from '../../setup/pods/pods.ts';
import { runPodrole } from '../../setup/run-podrole.ts';

/** `podrole test` on a real node, with the shipped webhook and an STS that verifies the tokens. */
const WEB = { namespace: 'shop', serviceAccount: 'web' };
const OLD = { namespace: 'strict', serviceAccount: 'old' };
const BUNDLE = fileURLToPath(new URL('../../../dist/podrole.js', import.meta.url));
const METADATA_ADDRESS = '169.254.169.254';
const TEST_PODS = 'podrole.dev/test-pod=remove';
const site = await startNodeSite([], [WEB, OLD]);
after(() => site.stop());
const { cluster, aws } = site;
const AT_STS = { 'podrole.dev/sts-endpoint-url': aws.stsUrl };
await createNamespace(cluster, 'shop');
await createNamespace(cluster, 'strict');
await expectKubectl(cluster, [
  'label',
  'namespace',
  'strict',
  'pod-security.kubernetes.io/enforce=restricted',
]);
await createServiceAccount(cluster, 'shop', 'web', aws.stsRole(WEB), AT_STS);
await createServiceAccount(cluster, 'shop', 'stranger', aws.stsRole(WEB), AT_STS);
await createServiceAccount(cluster, 'strict', 'old', aws.stsRole(OLD), {
  ...AT_STS,
  'podrole.dev/sidecar': 'credentials',
});
await expectKubectl(cluster, ['create', 'serviceaccount', 'bare', '-n', 'shop']);

test('a pod has its role, and is removed', async (t) => {
  const { code, stdout, stderr } = await podroleTest('-n', 'shop', 'web');
  assert.equal(code, 0, `${stdout}${stderr}`);
  t.diagnostic(stdout);
  assert.match(stdout, /ok {7}pod: identity .*assumed-role\/shop-web\//);
  assert.match(stdout, /Pods of ServiceAccount shop\/web get arn:aws:iam::111122223333:role\/shop-web\.\n$/);
  await noPods('shop');
});

test('in a restricted namespace, through the sidecar', async () => {
  const { code, stdout, stderr } = await podroleTest('strict/old', '-o', 'json');
  assert.equal(code, 0, `${stdout}${stderr}`);
  assert.match(JSON.parse(stdout).identity.arn, /assumed-role\/strict-old\//);
  await noPods('strict');
});

test('a role that does not trust the ServiceAccount: the words of STS', async () => {
  const { code, stderr } = await podroleTest('-n', 'shop', 'stranger');
  assert.ok(code > 0);
  assert.match(stderr, /AccessDenied.*trust policy.*\[NO_IDENTITY_IN_POD\]/);
  await noPods('shop');
});

test('a ServiceAccount without a role', async () => {
  const { stderr } = await podroleTest('-n', 'shop', 'bare');
  assert.match(stderr, /has no annotation eks\.amazonaws\.com\/role-arn.*\[NO_ROLE_INJECTED\]/);
});

test('an image that cannot be pulled', async () => {
  const { stderr } = await podroleTest('-n', 'shop', 'web', '--image', 'registry.invalid/podrole:none');
  assert.match(stderr, /ImagePullBackOff.*\[TEST_POD_NOT_STARTED\]/);
  await noPods('shop');
});

/**
 * Instance metadata that answers sessions alone, as hardened instances do. Its address exists only in the
 * network namespace of e2e, and the node has a route to it for as long as the action runs.
 */
async function withInstanceMetadata(action: () => Promise<void>): Promise<void> {
  const [node] = cluster.nodes;
  assert.ok(node);
  const local = ['address', 'add', `${METADATA_ADDRESS}/32`, 'dev', 'lo'];
  await succeed('address of the metadata', runCommand('ip', local));
  const server = createServer((request, response) => {
    response.writeHead(request.method === 'PUT' ? 200 : 401).end();
  });
  const toServer = [`${METADATA_ADDRESS}/32`, 'via', NODE_SIDE_ADDRESS];
  try {
    await listen(server, 80, METADATA_ADDRESS);
    await succeed('route to the metadata', node.run(['ip', 'route', 'add', ...toServer]));
    await action();
    await succeed('no route to the metadata', node.run(['ip', 'route', 'del', ...toServer]));
  } finally {
    await drain(server, 0);
    await succeed('no address of the metadata', runCommand('ip', local.with(1, 'del')));
  }
}

test('podrole audit --probe-metadata: whether pods reach the role of their node', async () => {
  assert.equal(await reachableByPods(), undefined);
  await withInstanceMetadata(async () => {
    assert.match((await reachableByPods()) ?? '', /IMDSv1 answered 401, IMDSv2 answered 200/);
  });
  assert.equal(await reachableByPods(), undefined);
});

test('podrole audit --probe-metadata starts no pod without consent', async () => {
  const { code, stderr } = await audit('--probe-metadata');
  assert.equal(code, 3);
  assert.match(stderr, /\[NOT_CONFIRMED\]/);
});

/** Returns what the audit says about the role of the nodes, if pods reach it. */
async function reachableByPods(): Promise<string | undefined> {
  const { code, stdout, stderr } = await audit('--probe-metadata', '--yes', '-n', 'shop', '-o', 'json');
  assert.equal(code, 0, `${stdout}${stderr}`);
  assert.doesNotMatch(stderr, /metadata/);
  const { clusters, findings } = JSON.parse(stdout);
  assert.doesNotMatch(JSON.stringify(clusters), /probe/i);
  await noPods('shop');
  return findings.find(({ code: found }: { code: string }) => found === 'NODE_ROLE_REACHABLE')?.text;
}

function audit(...args: readonly string[]) {
  const env = { AWS_EC2_METADATA_DISABLED: 'true', KUBECONFIG: cluster.kubeconfig };
  return runPodrole(['audit', '--check-issuers=false', ...args], env);
}

test('Ctrl-C removes the pod', async () => {
  const args = ['test', '-n', 'shop', 'web', '--image', 'registry.invalid/podrole:none'];
  const env = { PATH: process.env['PATH'], KUBECONFIG: cluster.kubeconfig };
  const child = spawn(process.execPath, [BUNDLE, ...args], { env, stdio: 'ignore' });
  const ended = once(child, 'close');
  await waitFor(async () => (await listPods(cluster, 'shop', TEST_PODS))[0], 'the test pod');
  child.kill('SIGINT');
  await ended;
  await noPods('shop');
});

test('while the webhook is away', async () => {
  await expectKubectl(cluster, ['scale', 'deployment/podrole-webhook', '-n', 'podrole', '--replicas=0']);
  const gone = async () =>
    (await listPods(cluster, 'podrole', 'app.kubernetes.io/component=webhook')).length === 0;
  await waitFor(gone, 'the end of the webhook');
  const { stderr } = await podroleTest('-n', 'shop', 'web');
  assert.match(stderr, /did not reach the webhook.*\[NO_ROLE_INJECTED\]/);
});

function podroleTest(...args: readonly string[]) {
  return runPodrole(['test', ...args], { KUBECONFIG: cluster.kubeconfig });
}

/** The node takes a second to end a pod. */
async function noPods(namespace: string): Promise<void> {
  const selector = encodeURIComponent(TEST_PODS);
  await waitFor(async () => {
    const { body } = await expectSuccess(cluster, 'GET', `${podsIn(namespace)}?labelSelector=${selector}`);
    return (body as { items: unknown[] }).items.length === 0;
  }, `no test pods in ${namespace}`);
}
