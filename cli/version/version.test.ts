import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { parse } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { type FakeCluster, startFakeCluster } from '../../testing/kubernetes/fake-cluster.ts';
import { runCli } from '../../testing/processes/cli.ts';
import { EXIT } from '../command.ts';

let cluster: FakeCluster;
beforeEach(async () => {
  cluster = await startFakeCluster();
  cluster.objects.set('/version', { gitVersion: 'v1.37.0', platform: 'linux/amd64' });
});
afterEach(() => cluster.stop());

const OWN = `podrole:    ${packageJson.version}\nNode:       ${process.version}\n`;
const ask = (...args: string[]) => runCli(['version', '--kube-api', cluster.url, ...args]);

const putWebhook = (name: string, image: string, namespace = 'podrole') =>
  putPod({ name, namespace, component: 'webhook', container: { name: 'podrole', image } });
const putAgent = (name: string, image: string) =>
  putPod({ name, namespace: 'podrole-agent', component: 'agent', container: { name: 'agent', image } });

interface PutPod {
  readonly name: string;
  readonly namespace: string;
  readonly component: string;
  readonly container: { readonly name: string; readonly image: string };
}

function putPod({ name, namespace, component, container }: PutPod): void {
  const labels = { 'app.kubernetes.io/name': 'podrole', 'app.kubernetes.io/component': component };
  const spec = { containers: [{ name: 'istio-proxy', image: 'istio:1.2.3' }, container] };
  cluster.put({ metadata: { namespace, name, labels }, spec, status: { phase: 'Running' } }, 'pods');
}

test('prints the versions of podrole, Node, Kubernetes and the webhook', async () => {
  putWebhook('a', `registry.test:5000/podrole:${packageJson.version}`);
  putWebhook('b', `registry.test:5000/podrole:v${packageJson.version}@sha256:00`);
  const { exitCode, stdout, stderr } = await ask();
  assert.equal(
    stdout,
    `${OWN}Kubernetes: v1.37.0\nWebhook:    ${packageJson.version} (2 pods in namespace podrole)\n`,
  );
  assert.deepEqual([exitCode, stderr], [EXIT.ok, '']);
  const list = cluster.requests.find(({ pathname }) => pathname === '/api/v1/pods');
  assert.match(list?.searchParams.get('labelSelector') ?? '', /component=webhook/);
  assert.equal(list?.searchParams.get('fieldSelector'), 'status.phase=Running');
});

test('warns about versions that do not fit', async () => {
  cluster.objects.set('/version', { gitVersion: 'v1.28.9-eks-036c24b' });
  putWebhook('a', 'podrole:9.1.0');
  putWebhook('b', 'podrole:9.2.0', 'eks');
  const { stdout, stderr } = await ask();
  assert.match(stdout, /^Webhook: {4}9\.1\.0, 9\.2\.0 \(2 pods in namespaces eks, podrole\)$/m);
  const warnings = stderr.trimEnd().split('\n');
  assert.match(warnings[0] ?? '', /^warning: Kubernetes v1\.28\.9-eks-036c24b is older than 1\.29/);
  assert.match(warnings[1] ?? '', /^warning: the webhook runs in several versions: 9\.1\.0, 9\.2\.0; /);
  assert.match(warnings[2] ?? '', /^warning: podrole is .*, but the webhook is 9\.1\.0; /);
  assert.equal(warnings.length, 4);
});

for (const [image, shown] of [
  ['registry.test:5000/podrole@sha256:00', 'image registry.test:5000/podrole@sha256:00'],
  ['registry.test:5000/podrole', 'image registry.test:5000/podrole'],
  ['podrole:latest', 'latest'],
] as const) {
  test(`a webhook with ${image} gives no warning`, async () => {
    putWebhook('a', image);
    const { stdout, stderr } = await ask();
    assert.ok(stdout.includes(`Webhook:    ${shown} (1 pod in namespace podrole)\n`), stdout);
    assert.equal(stderr, '');
  });
}

test('prints the version of the agent where one runs, and warns about it', async () => {
  putWebhook('a', `podrole:${packageJson.version}`);
  putAgent('node-1', 'podrole:9.1.0');
  putAgent('node-2', 'podrole:9.1.0');
  const { stdout, stderr } = await ask();
  assert.ok(stdout.endsWith('Agent:      9.1.0 (2 pods in namespace podrole-agent)\n'), stdout);
  assert.match(stderr, /^warning: podrole is .*, but the agent is 9\.1\.0; [^\n]*\n$/);
  const { agents } = JSON.parse((await ask('-o', 'json')).stdout);
  assert.deepEqual(agents[0], {
    namespace: 'podrole-agent',
    pod: 'node-1',
    image: 'podrole:9.1.0',
    version: '9.1.0',
  });
});

test('says that there is no webhook', async () => {
  assert.match((await ask()).stdout, /^Webhook: {4}no running pod of it$/m);
});

test('escape sequences of a cluster do not reach the terminal', async () => {
  cluster.objects.set('/version', { gitVersion: 'v1.37.0\u001b[2J\nWebhook: 9' });
  assert.match((await ask()).stdout, /^Kubernetes: v1\.37\.0\\u001b\[2J Webhook: 9$/m);
});

test('--client asks no cluster', async () => {
  const { exitCode, stdout, stderr } = await ask('--client');
  assert.deepEqual([exitCode, stdout, stderr], [EXIT.ok, OWN, '']);
  assert.equal(cluster.connections(), 0);
});

test('without a kubeconfig, it prints its own versions and says why no others', async () => {
  const { exitCode, stdout, stderr } = await runCli(['version']);
  assert.deepEqual([exitCode, stdout], [EXIT.ok, OWN]);
  assert.match(stderr, /^note: no cluster is asked: the kubeconfig is missing: neither --kubeconfig nor /);
  assert.equal((await runCli(['version', '--context', 'prod'])).exitCode, EXIT.failed);
});

test('a cluster that refuses to list pods gives the version of Kubernetes and a note', async () => {
  cluster.trouble = ({ pathname }) =>
    pathname === '/api/v1/pods' ? { status: 403, message: 'no' } : undefined;
  const { exitCode, stdout, stderr } = await ask();
  assert.deepEqual([exitCode, stdout], [EXIT.ok, `${OWN}Kubernetes: v1.37.0\n`]);
  assert.match(
    stderr,
    /^note: the versions of webhook and agent are not known: API server http:.*\/api\/v1\/pods: answered 403/,
  );
});

for (const [what, trouble] of [
  ['does not answer with a version', () => cluster.objects.set('/version', { major: '1' })],
  ['refuses the version', () => Object.assign(cluster, { trouble: () => ({ status: 401 }) })],
] as const) {
  test(`a cluster that ${what} is a failure, after the own versions`, async () => {
    trouble();
    const { exitCode, stdout, stderr } = await ask();
    assert.deepEqual([exitCode, stdout], [EXIT.failed, OWN]);
    assert.match(stderr, /^error: API server (?:http:.*)?\/version: answered .*\[API_REFUSED\]\n$/);
  });
}

test('-o json and -o yaml print the same for programs', async () => {
  putWebhook('a', 'podrole:9.1.0');
  const { stdout } = await ask('-o', 'json');
  const { warnings, ...printed } = JSON.parse(stdout);
  assert.deepEqual(printed, {
    podrole: packageJson.version,
    node: process.version,
    kubernetes: 'v1.37.0',
    webhooks: [{ namespace: 'podrole', pod: 'a', image: 'podrole:9.1.0', version: '9.1.0' }],
    notes: [],
  });
  assert.equal(warnings.length, 1);
  assert.deepEqual(parse((await ask('-o', 'yaml')).stdout), JSON.parse(stdout));
});
