import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { waitFor } from '../../../testing/wait-for.ts';
import { createNamespace, expectSuccess } from '../../cluster/api-objects.ts';
import { startTlsFront } from '../../setup/aws/tls-front.ts';
import { expectKubectl } from '../../setup/install/install-podrole.ts';
import { APP_IMAGE, startNodeSite } from '../../setup/install/node-site.ts';
import { createPod, createServiceAccount, listPods } from '../../setup/pods/pods.ts';
import {
  logOf,
  waitForJob,
  waitForPod,
  waitForReady,
  waitForSuccess,
} from '../../setup/pods/running-pods.ts';

/**
 * Pods of a real node whose container is an unmodified AWS SDK: it calls GetCallerIdentity with the token
 * that kubelet projected.
 */
const WEB = { namespace: 'shop', serviceAccount: 'web' };
const PARTS = { namespace: 'shop', serviceAccount: 'parts' };
const PHP = { ...PARTS, container: 'php' };
const ELSEWHERE = { namespace: 'shop', serviceAccount: 'elsewhere' };
const site = await startNodeSite(['sdk'], [WEB, PARTS, PHP, ELSEWHERE]);
const { cluster, aws } = site;
after(() => site.stop());
const front = await startTlsFront(cluster.address, aws.stsUrl);
after(() => front.stop());
await createNamespace(cluster, 'shop');
await createServiceAccount(cluster, 'shop', 'web', aws.stsRole(WEB));
await createServiceAccount(cluster, 'shop', 'parts', aws.stsRole(PARTS), {
  'podrole.dev/container-roles': `php=${aws.stsRole(PHP)}`,
});
await createServiceAccount(cluster, 'shop', 'elsewhere', aws.stsRole(ELSEWHERE), {
  'podrole.dev/sts-endpoint-url': front.url,
  'podrole.dev/ca-bundle-config-map': 'corporate/bundle.pem',
  'podrole.dev/sidecar': 'credentials',
});
const ENDPOINT = { name: 'AWS_ENDPOINT_URL_STS', value: aws.stsUrl };
const SDK = { image: APP_IMAGE.sdk, imagePullPolicy: 'Never', env: [ENDPOINT] };

await apply({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { namespace: 'shop', name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { serviceAccountName: 'web', containers: [{ name: 'app', ...SDK }] },
    },
  },
});
await apply({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { namespace: 'shop', name: 'report' },
  spec: {
    backoffLimit: 0,
    template: {
      spec: {
        serviceAccountName: 'web',
        restartPolicy: 'Never',
        containers: [{ name: 'app', ...SDK }],
      },
    },
  },
});
const named = await createPod(cluster, 'shop', 'web', {
  name: 'web-named',
  annotations: { 'podrole.dev/session-name': 'pod' },
  spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'app', ...SDK, args: ['--every', '5'] }] },
});
const parts = await createPod(cluster, 'shop', 'parts', {
  spec: {
    restartPolicy: 'Never',
    containers: [
      { name: 'app', ...SDK },
      { name: 'php', ...SDK },
    ],
  },
});
const elsewhere = await createPod(cluster, 'shop', 'elsewhere', {
  spec: { restartPolicy: 'Never', containers: [{ name: 'app', ...SDK, env: [] }] },
});

test('the container of a Deployment prints the identity of its role and exits with 0', async (t) => {
  for (const stage of site.stages) t.diagnostic(stage);
  const pod = await waitFor(
    async () => (await listPods(cluster, 'shop', 'app=web'))[0],
    'pod of the Deployment',
  );
  // kubelet restarts it: the exit code is in one of the two states, and the output in one of the two logs.
  await waitForPod(cluster, pod.metadata, 'has ended well', ({ status }) => {
    const [app] = status.containerStatuses ?? [];
    const { exitCode } = app?.state.terminated ?? app?.lastState?.terminated ?? {};
    if (exitCode !== undefined) assert.equal(exitCode, 0);
    return exitCode === 0;
  });
  const printed = await waitFor(async () => {
    const logs = [{ previous: true }, { previous: false }].map((which) =>
      logOf(cluster, pod, 'app', which).catch(() => ''),
    );
    return (await Promise.all(logs)).find(Boolean);
  }, 'printed identity');
  assert.equal(identity(printed), sessionOf(aws.stsRole(WEB)));
});

test('a Job completes and prints the identity', async () => {
  const pod = await waitForJob(cluster, 'shop', 'report');
  assert.equal(identity(await logOf(cluster, pod, 'app')), sessionOf(aws.stsRole(WEB)));
});

test('a container with its own role assumes it with its own token, its neighbour the role of the pod', async () => {
  await waitForSuccess(cluster, parts);
  assert.equal(identity(await logOf(cluster, parts, 'app')), sessionOf(aws.stsRole(PARTS)));
  assert.equal(identity(await logOf(cluster, parts, 'php')), sessionOf(aws.stsRole(PHP)));
});

test('only annotations lead the SDK and the sidecar to an STS with a private CA; the pod waits for its ConfigMap', async () => {
  const { namespace, name } = elsewhere.metadata;
  const query = encodeURIComponent(`involvedObject.name=${name},reason=FailedMount`);
  const reason = await waitFor(async () => {
    const path = `/api/v1/namespaces/${namespace}/events?fieldSelector=${query}`;
    const { body } = await expectSuccess(cluster, 'GET', path);
    return (body as { items: { message: string }[] }).items[0]?.message;
  }, 'event at the pod without its ConfigMap');
  assert.match(reason, /"podrole-ca-bundle".*configmap "corporate" not found/);
  const metadata = { namespace, name: 'corporate' };
  await apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'bundle.pem': front.authority } });
  const { spec } = await waitForSuccess(cluster, elsewhere);
  assert.deepEqual(
    spec.initContainers?.map((container) => container.name),
    ['podrole-sidecar'],
    'its start-up probe succeeds only after it got credentials',
  );
  assert.equal(identity(await logOf(cluster, elsewhere, 'app')), sessionOf(aws.stsRole(ELSEWHERE)));
});

test('a session has the name of its pod if the pod requests it', async () => {
  await waitForReady(cluster, named);
  const line = await waitFor(
    async () => (await logOf(cluster, named, 'app')).split('\n')[0] || undefined,
    'identity',
  );
  assert.equal(arnIn(line), `${sessionOf(aws.stsRole(WEB))}/shop.web-named`);
});

test('a container that kubectl debug adds has the role', async () => {
  await waitForReady(cluster, named);
  const image = [`--image=${APP_IMAGE.sdk}`, '--image-pull-policy=Never', '--profile=general'];
  const variable = `--env=${ENDPOINT.name}=${ENDPOINT.value}`;
  const command = ['--', 'node', '/client.mjs'];
  await expectKubectl(cluster, [
    'debug',
    '-n',
    'shop',
    'web-named',
    '-c',
    'look',
    variable,
    ...image,
    ...command,
  ]);
  await waitForPod(cluster, named.metadata, 'has been looked at', ({ status }) =>
    status.ephemeralContainerStatuses?.some(({ state }) => state.terminated !== undefined),
  );
  assert.equal(arnIn(await logOf(cluster, named, 'look')), `${sessionOf(aws.stsRole(WEB))}/shop.web-named`);
});

function apply(manifest: object): Promise<string> {
  return expectKubectl(cluster, ['apply', '-f', '-'], { input: JSON.stringify(manifest) });
}

function arnIn(printed: string): string {
  return (JSON.parse(printed) as { Arn: string }).Arn;
}

/** Returns the printed session without its name. */
function identity(printed: string): string {
  return arnIn(printed).replace(/\/[^/]*$/, '');
}

/** Returns the prefix of a role's sessions. */
function sessionOf(role: string): string {
  return role.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/');
}
