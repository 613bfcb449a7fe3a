import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, type TestContext, test } from 'node:test';
import { drain, listen } from '../../../lib/http/serve.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import { runCommand, succeed } from '../../cluster/run-command.ts';
import { cgroupOf } from '../../node/cgroups.ts';
import { startNodeCluster } from '../../node/node-cluster.ts';

/** Two nodes that run pods of one image, a busybox. The other tests of this folder rely on this. */
const PAUSE = `${process.env['PODROLE_E2E_IMAGES']}/pause.tar`;
const POD_TIMEOUT_MS = 60_000;
const before = await leftovers();
const began = performance.now();
const cluster = await startNodeCluster({ issuer: 'https://oidc.example.test', nodes: 2, images: [PAUSE] });
const startedInMs = performance.now() - began;
after(() => cluster.stop());

const busybox = (name: string, ...command: string[]) => ({
  name,
  image: 'localhost/pause:1',
  imagePullPolicy: 'Never',
  command: ['/bin/busybox', ...command],
});
const shell = (name: string, script: string) => busybox(name, 'sh', '-c', script);
const kubectl = (...args: string[]) => succeed(`kubectl ${args.join(' ')}`, cluster.kubectl(args));
const exec = (pod: string, ...command: string[]) => kubectl('exec', pod, '--', '/bin/busybox', ...command);

/**
 * Returns everything that a cluster could leave behind: mounts, interfaces, routes, rules, cgroups,
 * processes.
 */
async function leftovers() {
  const print = (program: string, ...args: string[]) => succeed(program, runCommand(program, args));
  return {
    mounts: readFileSync('/proc/mounts', 'utf8'),
    interfaces: readdirSync('/proc/sys/net/ipv4/conf'),
    routes: await print('ip', 'route', 'show', 'table', 'all'),
    rules: await print('nft', 'list', 'ruleset'),
    cgroups: ['memory', 'cpu'].filter((controller) =>
      existsSync(`/sys/fs/cgroup/${controller}${cgroupOf('n1')}`),
    ),
    // Tools that have just ended may still be children of this process.
    processes: readdirSync('/proc').filter(
      (entry) => /^\d+$/.test(entry) && /kube|containerd|busybox|unshare|etcd/.test(nameOf(entry)),
    ),
  };
}

function nameOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

async function apply(t: TestContext, object: object, wait: string): Promise<void> {
  const { kind, metadata } = object as { kind: string; metadata: { name: string } };
  const start = performance.now();
  const { code, stderr } = await cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(object) });
  assert.equal(code, 0, stderr);
  await kubectl('wait', `${kind}/${metadata.name}`, `--for=${wait}`, '--timeout=50s');
  t.diagnostic(`${kind} ${metadata.name}: ${wait} after ${Math.round(performance.now() - start)} ms`);
}

test('a pod with a projected token runs on each node, and exec and logs reach it', async (t) => {
  t.diagnostic(`cluster with two nodes in ${Math.round(startedInMs)} ms`);
  for (const { name } of cluster.nodes) {
    const pod = `on-${name}`;
    const token = {
      serviceAccountToken: { path: 'token', audience: 'sts.amazonaws.com', expirationSeconds: 600 },
    };
    const spec = {
      nodeName: name,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          ...shell('app', 'echo started; while true; do echo again; /bin/busybox sleep 1; done'),
          volumeMounts: [{ name: 'token', mountPath: '/token' }],
        },
      ],
      volumes: [{ name: 'token', projected: { sources: [token] } }],
    };
    await apply(t, { apiVersion: 'v1', kind: 'Pod', metadata: { name: pod }, spec }, 'condition=Ready');
    const [, payload] = (await exec(pod, 'cat', '/token/token')).split('.');
    const { aud, iss } = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString());
    assert.deepEqual({ aud, iss }, { aud: ['sts.amazonaws.com'], iss: 'https://oidc.example.test' });
    await waitFor(async () => (await kubectl('logs', pod)).startsWith('started\n'), `log of ${pod}`);
  }
});

test('attach connects to a container', async (t) => {
  const listener = { ...shell('app', 'read word; echo "heard $word"'), stdin: true, stdinOnce: true };
  const spec = { restartPolicy: 'Never', containers: [listener] };
  await apply(t, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'listener' }, spec }, 'condition=Ready');
  const { stdout, stderr } = await cluster.kubectl(['attach', '-i', 'listener'], { input: 'hello\n' });
  assert.match(stdout, /heard hello/, stderr);
});

test('a pod reaches the API server by its Service and the servers of the test, and nothing outside', async () => {
  const server = createServer((request, response) => response.end(`hello ${request.socket.remoteAddress}`));
  const port = await listen(server, 0, cluster.address);
  after(() => drain(server, 0));
  for (const { name } of cluster.nodes) {
    const pod = `on-${name}`;
    const address = (await kubectl('get', 'pod', pod, '-o=jsonpath={.status.podIP}')).trim();
    assert.equal(await exec(pod, 'wget', '-qO-', `http://${cluster.address}:${port}/`), `hello ${address}`);
    await exec(pod, 'nc', '-w', '5', '10.96.0.1', '443');
    const outside = await cluster.kubectl([
      'exec',
      pod,
      '--',
      '/bin/busybox',
      'nc',
      '-w',
      '5',
      '192.0.2.1',
      '80',
    ]);
    assert.match(outside.stderr, /unreachable|No route/);
  }
});

test('a Service of pods on both nodes answers this namespace, and its own pods', async (t) => {
  const labels = { app: 'web' };
  const serve = shell('app', 'echo "$HOSTNAME" >/tmp/index.html; exec /bin/busybox httpd -f -p 8080 -h /tmp');
  const spec = {
    terminationGracePeriodSeconds: 0,
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: labels },
      },
    ],
    containers: [{ ...serve, volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }] }],
    volumes: [{ name: 'tmp', emptyDir: {} }],
  };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
  await apply(t, deployment, 'condition=Available');
  await kubectl('expose', 'deployment/web', '--port=80', '--target-port=8080');
  const service = await kubectl('get', 'service/web', '-o=jsonpath={.spec.clusterIP}');
  const pods = (await kubectl('get', 'pods', '-l=app=web', '-o=name'))
    .trim()
    .replaceAll('pod/', '')
    .split('\n');

  const answered = new Set<string>();
  await waitFor(async () => {
    answered.add(
      (await (await fetch(`http://${service}/`, { headers: { connection: 'close' } })).text()).trim(),
    );
    return answered.size === 2;
  }, 'answer of both pods');
  assert.deepEqual([...answered].sort(), pods.sort());
  // Ten times, so that each pod reaches itself and its neighbour.
  for (const pod of pods) {
    const asked = await exec(
      pod,
      'sh',
      '-c',
      `for i in 0 1 2 3 4 5 6 7 8 9; do /bin/busybox wget -qO- http://${service}:80/ || exit 1; done`,
    );
    assert.ok(
      asked
        .trim()
        .split('\n')
        .every((line) => pods.includes(line)),
      asked,
    );
  }
});

test('a native sidecar starts before the container of a Job and ends after it', async (t) => {
  const sidecar = {
    ...shell(
      'sidecar',
      'trap "exit 0" TERM; echo ready >/shared/ready; while true; do /bin/busybox sleep 0.1; done',
    ),
    restartPolicy: 'Always',
    startupProbe: { exec: { command: ['/bin/busybox', 'test', '-e', '/shared/ready'] }, periodSeconds: 1 },
    volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
  };
  const app = {
    ...shell('app', 'cat /shared/ready'),
    volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
  };
  const spec = {
    restartPolicy: 'Never',
    initContainers: [sidecar],
    containers: [{ ...app, command: ['/bin/busybox', 'cat', '/shared/ready'] }],
    volumes: [{ name: 'shared', emptyDir: {} }],
  };
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'job' },
    spec: { template: { spec } },
  };
  await apply(t, job, 'condition=Complete');
  assert.equal(await kubectl('logs', 'job/job', '-c', 'app'), 'ready\n');
});

test('the pods of a node keep running while its kubelet is stopped', async (t) => {
  const [node] = cluster.nodes;
  assert.ok(node);
  await node.stopKubelet();
  const refused = await cluster.kubectl(['logs', 'on-n1']);
  assert.match(refused.stderr, /connection refused/);
  node.startKubelet();
  const start = performance.now();
  await waitFor(
    async () => (await cluster.kubectl(['logs', 'on-n1'])).code === 0,
    'kubelet of n1',
    POD_TIMEOUT_MS,
  );
  t.diagnostic(`kubelet answers again after ${Math.round(performance.now() - start)} ms`);
  const restarts = await kubectl(
    'get',
    'pod/on-n1',
    '-o=jsonpath={.status.containerStatuses[0].restartCount}',
  );
  assert.equal(restarts, '0');
});

test('a stopped cluster leaves nothing behind', async (t) => {
  const start = performance.now();
  await cluster.stop();
  t.diagnostic(`stopped in ${Math.round(performance.now() - start)} ms`);
  assert.deepEqual(await leftovers(), before);
});
