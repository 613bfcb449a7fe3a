import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { waitFor } from '../../../testing/wait-for.ts';
import { createNamespace } from '../../cluster/api-objects.ts';
import { type EndingSessions, startEndingSessions } from '../../setup/aws/ending-sessions.ts';
import { expectKubectl } from '../../setup/install/install-podrole.ts';
import { APP_IMAGE, startNodeSite } from '../../setup/install/node-site.ts';
import { createPod, createServiceAccount, type StoredPod } from '../../setup/pods/pods.ts';
import { logOf, statusesOf, waitForReady } from '../../setup/pods/running-pods.ts';

/**
 * kubelet writes a new token into running pods, which continue with it: a current SDK with the token itself,
 * boto 2 with the sidecar.
 *
 * kubelet requests a new token after 80 % of its lifetime, and after a restart of kubelet, which keeps tokens
 * only in memory. Here it is restarted, which takes seconds. With PODROLE_E2E_REAL_ROTATION=1 the test waits
 * the eight minutes of the shortest token.
 */
const isRestarted = process.env['PODROLE_E2E_REAL_ROTATION'] !== '1';
const ROTATION_TIMEOUT_MS = isRestarted ? 240_000 : 560_000;
/** The shortest lifetime that Kubernetes allows. */
const TOKEN_SECONDS = '600';
/** Enough for one line per second on two shared cores. */
const LINES_TIMEOUT_MS = 120_000;
/** Sessions and tokens of the pods expire soon after the rotation. */
const SESSION_SECONDS = 20;

/**
 * Reads all keys from boto 2 at once. For keys that expire within five minutes its connection reads again for
 * each part, and so may mix those of two sessions. For sessions of an hour, the sidecar never returns such
 * keys.
 */
const LIST_BY_METADATA = `
import os, time
from urllib.parse import urlsplit
import boto.s3.connection as s3
import boto.utils
server = urlsplit(os.environ["S3_ENDPOINT"])
while True:
    roles = boto.utils.get_instance_metadata(data="meta-data/iam/security-credentials/", timeout=20, num_retries=3)
    [keys] = roles.values()
    connection = s3.S3Connection(
        keys["AccessKeyId"], keys["SecretAccessKey"], security_token=keys["Token"],
        host=server.hostname, port=server.port, is_secure=False, calling_format=s3.OrdinaryCallingFormat(),
    )
    bucket = connection.get_bucket(os.environ["S3_BUCKET"], validate=False)
    print([key.name for key in bucket.list()], flush=True)
    time.sleep(1)
`;

const WEB = { namespace: 'shop', serviceAccount: 'web' };
const site = await startNodeSite(['boto2', 'sdk'], [WEB]);
const { cluster, aws } = site;
after(() => site.stop());
const [sts, gateway] = await Promise.all([
  startEndingSessions(aws.stsUrl, SESSION_SECONDS),
  startEndingSessions(aws.gatewayUrl, SESSION_SECONDS),
]);
after(() => Promise.all([sts.stop(), gateway.stop()]));
const urlOf = ({ port }: EndingSessions) => `http://${cluster.address}:${port}`;

await createNamespace(cluster, 'shop');
await createServiceAccount(cluster, 'shop', 'web', aws.stsRole(WEB));
await aws.bind('shop', 'old');
const kinds = [
  {
    title: 'the SDK continues with the new token',
    sessions: sts,
    pod: await start(
      'web',
      { image: APP_IMAGE.sdk, args: ['--every', '1'] },
      {},
      { AWS_ENDPOINT_URL_STS: urlOf(sts) },
    ),
  },
  {
    title: 'the sidecar continues with the new token, and boto 2 with its credentials',
    sessions: gateway,
    pod: await start(
      'old',
      { image: APP_IMAGE.boto2, command: ['/usr/bin/python3', '-c', LIST_BY_METADATA] },
      { 'podrole.dev/sidecar': 'metadata' },
      { AWS_ENDPOINT_URL_STS: urlOf(gateway), S3_ENDPOINT: urlOf(gateway), S3_BUCKET: aws.bucket },
    ),
  },
];
await Promise.all(kinds.map(({ pod }) => waitForReady(cluster, pod)));
for (const { pod } of kinds) await waitForLines(pod, 1);
const firsts = await Promise.all(kinds.map(({ pod }) => tokenOf(pod)));
const began = Date.now();
if (isRestarted) {
  for (const node of cluster.nodes) {
    await node.stopKubelet();
    node.startKubelet();
  }
}

for (const [index, { title, sessions, pod }] of kinds.entries()) {
  test(title, async (t) => {
    if (index === 0) for (const stage of site.stages) t.diagnostic(stage);
    const first = firsts[index];
    const of = (isFirst: boolean) =>
      sessions.exchanged.filter(({ digest }) => (digest === first) === isFirst);
    assert.ok(of(true).length > 0, 'the first token was exchanged');
    await waitFor(() => of(false).length > 0, 'exchange of a new token', ROTATION_TIMEOUT_MS);
    const [renewed] = of(false);
    assert.ok(renewed);
    t.diagnostic(
      `a new token exchanged after ${renewed.at - began} ms, the first one ${of(true).length} times`,
    );
    assert.equal(renewed.digest, await tokenOf(pod), 'the token that the container sees');
    assert.equal(renewed.pod, pod.metadata.name);

    const lastOfFirst = of(true).at(-1)?.at ?? 0;
    const isOver = () => Date.now() > lastOfFirst + SESSION_SECONDS * 1_000;
    await waitFor(isOver, 'end of every session of the first token');
    const before = (await linesOf(pod)).length;
    // One request may have been in flight.
    const lines = await waitForLines(pod, before + 2);
    assert.deepEqual(
      lines.filter((line) => line.includes('"error"')),
      [],
    );
    const now = await waitForReady(cluster, pod);
    for (const { name, restartCount } of statusesOf(now)) assert.equal(restartCount, 0, name);
    assert.equal(sessions.refused(), 0, 'nothing was asked for by a session that had ended');
  });
}

function start(
  serviceAccount: string,
  container: Readonly<Record<string, unknown>>,
  annotations: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>>,
): Promise<StoredPod> {
  const env = Object.entries(variables).map(([name, value]) => ({ name, value }));
  return createPod(cluster, 'shop', serviceAccount, {
    annotations: { ...annotations, 'eks.amazonaws.com/token-expiration': TOKEN_SECONDS },
    spec: {
      terminationGracePeriodSeconds: 1,
      securityContext: { runAsUser: 1000 },
      containers: [{ name: 'app', imagePullPolicy: 'Never', env, ...container }],
    },
  });
}

/** Returns the SHA-256 of the token that the container sees. */
async function tokenOf({ metadata }: StoredPod): Promise<string> {
  const sum = 'sha256sum "$AWS_WEB_IDENTITY_TOKEN_FILE"';
  const command = ['exec', '-n', 'shop', metadata.name, '-c', 'app', '--', 'sh', '-c', sum];
  return (await expectKubectl(cluster, command)).slice(0, 64);
}

async function linesOf(pod: StoredPod): Promise<string[]> {
  return (await logOf(cluster, pod, 'app')).split('\n').filter(Boolean);
}

/** Waits until the container has printed this many lines. */
function waitForLines(pod: StoredPod, count: number): Promise<string[]> {
  return waitFor(
    async () => {
      const lines = await linesOf(pod);
      return lines.length >= count && lines;
    },
    `line ${count} of pod ${pod.metadata.name}`,
    LINES_TIMEOUT_MS,
  );
}
