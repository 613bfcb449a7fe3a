import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import { json } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { drain, listen } from '../../../lib/http/serve.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import { createNamespace, registerWebhook } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { KUBERNETES_MINOR } from '../../cluster/kubernetes-version.ts';
import { expectNoRole, expectRole } from '../../setup/aws/expect-identity.ts';
import {
  annotateServiceAccount,
  containerOf,
  createPod,
  createServiceAccount,
  dryRunPod,
  environmentOf,
  IMAGE,
  readPod,
  type StoredPod,
} from '../../setup/pods/pods.ts';
import { prepareWebhook, registeredLike } from '../../setup/webhook/webhook-site.ts';

/** Other influences on a pod: API fields of any age, other webhooks, kubectl debug. */
const ROLE = 'arn:aws:iam::111122223333:role/shop-web';
const SECOND_HOST = 'second-webhook.podrole.svc';

/** Older versions lack fields of the first test, some of which are newer than most libraries. */
const HAS_FIELDS = KUBERNETES_MINOR >= 35;
const cluster = await startControlPlane({
  issuer: 'https://oidc.example.test',
  // One of the fields is off by default.
  extraApiServerFlags: HAS_FIELDS ? ['--feature-gates=ContainerStopSignals=true'] : [],
});
after(() => cluster.stop());
const site = await prepareWebhook(cluster);
after(() => site.stop());
const webhook = await site.start();
await site.register('shop');
await createServiceAccount(cluster, 'shop', 'web', ROLE);

test('every field of the API server survives: with and without the webhook it stores the same, except for the identity', {
  skip: !HAS_FIELDS && 'the fields are newer than this Kubernetes',
}, async () => {
  const spec = {
    automountServiceAccountToken: false,
    os: { name: 'linux' },
    hostnameOverride: 'chosen',
    resources: { requests: { cpu: '1' } },
    schedulingGates: [{ name: 'example.test/gate' }],
    volumes: [{ name: 'files', emptyDir: {} }],
    initContainers: [
      { name: 'proxy', image: IMAGE, restartPolicy: 'Always', startupProbe: { grpc: { port: 9_000 } } },
    ],
    containers: [
      {
        name: 'app',
        image: IMAGE,
        restartPolicy: 'Never',
        restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
        resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }],
        lifecycle: { stopSignal: 'SIGUSR1', preStop: { sleep: { seconds: 3 } } },
        livenessProbe: { grpc: { port: 9_000, service: 'live' }, terminationGracePeriodSeconds: 3 },
        env: [
          {
            name: 'FROM_FILE',
            valueFrom: { fileKeyRef: { volumeName: 'files', path: 'env', key: 'KEY', optional: true } },
          },
        ],
        volumeMounts: [{ name: 'files', mountPath: '/files', recursiveReadOnly: 'Disabled', readOnly: true }],
      },
    ],
  };
  await createNamespace(cluster, 'bare');
  await createServiceAccount(cluster, 'bare', 'web');
  const bare = await createPod(cluster, 'bare', 'web', { spec });
  const patched = await createPod(cluster, 'shop', 'web', { name: 'fields', spec });
  expectRole(patched, 'app', ROLE);
  // The newest of them: if the API server dropped them itself, the comparison would prove nothing.
  const { hostnameOverride } = bare.spec as { hostnameOverride?: string };
  const { restartPolicyRules, lifecycle } = containerOf(bare, 'app') as {
    restartPolicyRules?: unknown[];
    lifecycle?: { stopSignal?: string };
  };
  assert.deepEqual(
    [hostnameOverride, restartPolicyRules?.length, lifecycle?.stopSignal],
    ['chosen', 1, 'SIGUSR1'],
  );
  assert.deepEqual(withoutIdentity(patched), bare.spec);
});

test('a container that another webhook adds after podrole gets the identity through reinvocation, exactly once', async () => {
  await createNamespace(cluster, 'meshed', registeredLike('shop'));
  await createServiceAccount(cluster, 'meshed', 'web', ROLE);
  const server = createServer(await site.authority.issue([SECOND_HOST]), async (request, response) => {
    const review = (await json(request)) as { request: { uid: string } };
    const value = { name: 'mesh', image: IMAGE, env: [{ name: 'MESH', value: 'on' }] };
    const patch = JSON.stringify([{ op: 'add', path: '/spec/containers/-', value }]);
    const answer = { uid: review.request.uid, allowed: true, patchType: 'JSONPatch', patch: btoa(patch) };
    response.end(JSON.stringify({ ...review, response: answer }));
  });
  const port = await listen(server, 0, '127.0.0.1');
  try {
    await registerWebhook(cluster, {
      // Webhooks are called in the order of their names: this one after podrole.
      name: 'second',
      url: `https://${SECOND_HOST}:${port}/mutate`,
      caBundle: site.authority.cert,
      reinvocationPolicy: 'Never',
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'meshed' } },
    });
    const isMeshed = async () => (await dryRunPod(cluster, 'meshed', 'web')).spec.containers.length === 2;
    await waitFor(isMeshed, 'the effect of the second webhook');

    const before = await webhook.metric('podrole_requests_total');
    const pod = await createPod(cluster, 'meshed', 'web');
    assert.equal((await webhook.metric('podrole_requests_total')) - before, 2, 'calls of podrole');
    assert.deepEqual(
      pod.spec.containers.map(({ name }) => name),
      ['app', 'mesh'],
    );
    assert.equal(environmentOf(pod, 'mesh')['MESH'], 'on');
    for (const name of ['app', 'mesh']) expectRole(pod, name, ROLE);
  } finally {
    await drain(server, 0);
  }
});

test('kubectl debug: the ephemeral container gets variables and mount, the others stay unchanged', async () => {
  const before = await createPod(cluster, 'shop', 'web', { name: 'debugged' });
  await debug('debugged');
  const pod = await readPod(cluster, 'shop', 'debugged');
  expectRole(pod, 'debugger', ROLE);
  assert.deepEqual(pod.spec.containers, before.spec.containers);
  assert.deepEqual(pod.spec.volumes, before.spec.volumes);

  await debug('debugged', 'second');
  const twice = await readPod(cluster, 'shop', 'debugged');
  for (const name of ['debugger', 'second']) expectRole(twice, name, ROLE);
});

test('kubectl debug on a pod that is older than the annotation: no role, and a warning', async () => {
  await createServiceAccount(cluster, 'shop', 'late');
  expectNoRole(await createPod(cluster, 'shop', 'late', { name: 'older' }), 'app');
  await annotateServiceAccount(cluster, 'shop', 'late', ROLE);
  const isKnown = async () =>
    environmentOf(await dryRunPod(cluster, 'shop', 'late'), 'app')['AWS_ROLE_ARN'] === ROLE;
  await waitFor(isKnown, 'the annotation of shop/late');

  const { stderr } = await debug('older');
  assert.match(stderr, /Warning: .*debugger/);
  expectNoRole(await readPod(cluster, 'shop', 'older'), 'debugger');
});

async function debug(pod: string, container = 'debugger'): Promise<{ stderr: string }> {
  const args = ['debug', '--namespace=shop', `pod/${pod}`, `--container=${container}`, `--image=${IMAGE}`];
  const { code, stderr } = await cluster.kubectl(args);
  assert.equal(code, 0, stderr);
  return { stderr };
}

/** Returns the spec of a pod without podrole's additions. */
function withoutIdentity({ spec }: StoredPod): unknown {
  const strip = (container: StoredPod['spec']['containers'][number]) => {
    const env = container.env?.filter(({ name }) => !name.startsWith('AWS_'));
    const volumeMounts = container.volumeMounts?.filter(({ name }) => name !== 'aws-iam-token');
    const { env: _env, volumeMounts: _mounts, ...rest } = container;
    return { ...rest, ...(env?.length ? { env } : {}), ...(volumeMounts?.length ? { volumeMounts } : {}) };
  };
  return {
    ...spec,
    containers: spec.containers.map(strip),
    initContainers: spec.initContainers?.map(strip),
    volumes: spec.volumes?.filter(({ name }) => name !== 'aws-iam-token'),
  };
}
