import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { waitFor } from '../../../testing/wait-for.ts';
import { createNamespace } from '../../cluster/api-objects.ts';
import { AGENT_NAMESPACE, installAgent, waitForAgents } from '../../setup/install/install-agent.ts';
import { expectKubectl } from '../../setup/install/install-podrole.ts';
import { APP_IMAGE, startNodeSite } from '../../setup/install/node-site.ts';
import { handToBoto2 } from '../../setup/pods/boto2.ts';
import { createPod, createServiceAccount, RESTRICTED, type StoredPod } from '../../setup/pods/pods.ts';
import { logOf, waitForReady, waitForSuccess } from '../../setup/pods/running-pods.ts';

/**
 * The agent as it is installed: the DaemonSet of the manifests, with its image and its capabilities, on a
 * real node. The webhook prepares the pods, and radosgw is STS and S3. boto 2 knows instance metadata alone.
 */
const site = await startNodeSite(['boto2'], []);
const { cluster, aws } = site;
after(() => site.stop());
await createNamespace(cluster, 'shop', { 'pod-security.kubernetes.io/enforce': 'restricted' });
const role = (await aws.bind('shop', 'web')).split('/').at(-1);
await createServiceAccount(cluster, 'shop', 'plain');
const began = performance.now();
await installAgent(cluster, { AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_STS: aws.gatewayUrl });
const installedMs = performance.now() - began;

/** The user of the image is root. */
const AS_USER = { ...RESTRICTED, runAsUser: 1000 };
const env = Object.entries({ S3_ENDPOINT: aws.gatewayUrl, S3_BUCKET: aws.bucket }).map(([name, value]) => ({
  name,
  value,
}));
const BOTO2 = { image: APP_IMAGE.boto2, imagePullPolicy: 'Never', env, securityContext: AS_USER };
const python = (script: string) => ({ ...BOTO2, command: ['/usr/bin/python3', '-c', script] });

/** Does what SDKs do with the two variables. */
const BY_TOKEN = handToBoto2(
  '"http://169.254.170.2" + os.environ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]',
  '{"Authorization": open(os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]).read()}',
);
const REFUSALS = `
import json, urllib.error, urllib.request
def answer(url):
    try:
        return urllib.request.urlopen(url, timeout=10).status
    except urllib.error.HTTPError as refused:
        return [refused.code, refused.read().decode().split(":")[0]]
    except (OSError, urllib.error.URLError) as failed:
        return "no answer"
print(json.dumps([
    answer("http://169.254.169.254/latest/meta-data/iam/security-credentials/"),
    answer("http://169.254.169.254:8080/"),
    answer("http://${site.cluster.nodes[0]?.address}:9921/latest/meta-data/"),
]))
`;
/** Asks until it is ended, and prints what it did not get. */
const STEADY = `
import time, urllib.request
served = 0
while True:
    try:
        urllib.request.urlopen("http://169.254.169.254/latest/meta-data/iam/security-credentials/", timeout=5).read()
        served += 1
        if served % 20 == 0: print("served", flush=True)
    except OSError as failed:
        print("failed", failed, flush=True)
    time.sleep(0.05)
`;

const byAddress = await start('by-address', BOTO2);
const byToken = await start('by-token', python(BY_TOKEN));
const plain = await start('plain', python(REFUSALS), 'plain');
const steady = await start('steady', python(STEADY));

test('boto 2 lists the bucket of its role by address, in a pod that Pod Security "restricted" accepts', async (t) => {
  for (const stage of site.stages) t.diagnostic(stage);
  t.diagnostic(`kubectl apply and rollout of the agent: ${Math.round(installedMs)} ms`);
  const pod = await waitForSuccess(cluster, byAddress);
  assert.equal(pod.spec.initContainers?.length ?? 0, 0);
  const { role: found, keys } = JSON.parse(await logOf(cluster, pod, 'app'));
  assert.deepEqual({ found, keys }, { found: role, keys: [aws.object] });
});

test('a program that sends the token lists it too', async () => {
  const pod = await waitForSuccess(cluster, byToken);
  assert.deepEqual(JSON.parse(await logOf(cluster, pod, 'app')).keys, [aws.object]);
});

test('a pod without a role is refused, and no pod reaches another port of the address or that of the agent', async () => {
  const pod = await waitForSuccess(cluster, plain);
  assert.deepEqual(JSON.parse(await logOf(cluster, pod, 'app')), [
    [403, 'NO_ROLE'],
    'no answer',
    'no answer',
  ]);
});

test('the container of the rules names the interfaces, and neither container logs a token', async () => {
  const log = await expectKubectl(cluster, [
    ...['logs', '-n', AGENT_NAMESPACE, 'daemonset/podrole-agent', '--all-containers'],
  ]);
  assert.match(log, /eth0/);
  assert.doesNotMatch(log, /eyJ[\w-]+\./);
});

test('a rolling restart of the DaemonSet, while a pod asks', async (t) => {
  await waitForReady(cluster, steady);
  const served = async () => (await logOf(cluster, steady, 'app')).split('\n');
  await waitFor(async () => (await served()).includes('served'), 'first answers');
  await expectKubectl(cluster, ['rollout', 'restart', 'daemonset/podrole-agent', '-n', AGENT_NAMESPACE]);
  await waitForAgents(cluster);
  const before = (await served()).length;
  await waitFor(async () => (await served()).length > before, 'answers of the new agent');
  const lines = await served();
  t.diagnostic(`${lines.filter((line) => line === 'served').length * 20} answers`);
  assert.deepEqual(
    lines.filter((line) => line.startsWith('failed')),
    [],
  );
});

function start(name: string, container: object, account = 'web'): Promise<StoredPod> {
  return createPod(cluster, 'shop', account, {
    name,
    annotations: { 'podrole.dev/sidecar': 'agent' },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'app', ...container }],
    },
  });
}
