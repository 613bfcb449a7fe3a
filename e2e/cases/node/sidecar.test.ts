import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { waitFor } from '../../../testing/wait-for.ts';
import { createNamespace, expectSuccess } from '../../cluster/api-objects.ts';
import { expectKubectl } from '../../setup/install/install-podrole.ts';
import { APP_IMAGE, startNodeSite } from '../../setup/install/node-site.ts';
import { handToBoto2 } from '../../setup/pods/boto2.ts';
import { createPod, listPods, RESTRICTED, type StoredPod } from '../../setup/pods/pods.ts';
import { logOf, waitForJob, waitForReady, waitForSuccess } from '../../setup/pods/running-pods.ts';

/**
 * Pods with the sidecar on a real node. Their container is boto 2, the last SDK without web identity and
 * container credentials: it lists a bucket of radosgw that only its role may list.
 */
const SIDECAR = 'podrole.dev/sidecar';
const LEVEL = 'pod-security.kubernetes.io/enforce';
const NAMESPACES = { shop: {}, restricted: { [LEVEL]: 'restricted' }, baseline: { [LEVEL]: 'baseline' } };
type Namespace = keyof typeof NAMESPACES;

const site = await startNodeSite(['boto2'], []);
const { cluster, aws } = site;
after(() => site.stop());
const roles = new Map<string, string>();
for (const [namespace, labels] of Object.entries(NAMESPACES)) {
  await createNamespace(cluster, namespace, labels);
  roles.set(namespace, await aws.bind(namespace, 'web'));
}

/** Settings of boto 2. The sidecar finds the STS itself, in the variables of the other containers. */
const env = Object.entries({
  AWS_ENDPOINT_URL_STS: aws.gatewayUrl,
  S3_ENDPOINT: aws.gatewayUrl,
  S3_BUCKET: aws.bucket,
}).map(([name, value]) => ({ name, value }));
const BOTO2 = { image: APP_IMAGE.boto2, imagePullPolicy: 'Never', env };
const python = (script: string) => ({ ...BOTO2, command: ['/usr/bin/python3', '-c', script] });

/** The user of the image is root. */
const AS_USER = { ...RESTRICTED, runAsUser: 1000 };
const HAND_OVER = handToBoto2('os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"]');
/** Sends requests to the sidecar as an SDK does, and as an attacker who can make a program send requests. */
const FORGERIES = `
import json, os, urllib.error, urllib.request
uri = os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
token = open(os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]).read()
uid = uri.rsplit("/", 1)[1]
plain = "http://127.0.0.1:9911/v1/credentials"
def status(url, **headers):
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        return urllib.request.urlopen(request).status
    except urllib.error.HTTPError as refused:
        return refused.code
print(json.dumps({"uri": uri, "statuses": {
    "uri": status(uri),
    "relative": status("http://169.254.170.2/v1/credentials/" + uid),
    "plain, token": status(plain, Authorization=token),
    "plain": status(plain),
    "plain, wrong token": status(plain, Authorization=token[:-1]),
    "plain, relative": status("http://169.254.170.2/v1/credentials"),
    "plain, at instance metadata": status("http://169.254.169.254/v1/credentials"),
    "uri, for instance metadata": status(uri, Host="169.254.169.254"),
    "uri, sent on": status(uri, X_Forwarded_For="10.0.0.1"),
    "another UID": status(plain + "/00000000-0000-4000-8000-000000000000"),
}}))
`;
/** Answers each request with the list of boto 2. */
const WEB_SERVER = `
import contextlib, io, runpy
from http.server import BaseHTTPRequestHandler, HTTPServer
class Listing(BaseHTTPRequestHandler):
    def do_GET(self):
        listed = io.StringIO()
        with contextlib.redirect_stdout(listed):
            runpy.run_path("/client.py", run_name="__main__")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(listed.getvalue().encode())
HTTPServer(("", 80), Listing).serve_forever()
`;

// All at once: each test waits for its own pod.
const first = await start('shop', 'first', 'metadata', {
  initContainers: [{ name: 'migrate', ...BOTO2 }],
  containers: [{ name: 'app', ...BOTO2 }],
});
const admitted = await start('restricted', 'admitted', 'credentials', {
  containers: [{ name: 'app', ...python(HAND_OVER), securityContext: AS_USER }],
});
const web = await start('shop', 'web', 'metadata', { containers: [{ name: 'app', ...python(WEB_SERVER) }] });
await apply(job('metadata'));
await apply(job('credentials'));
await apply({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: 'shop', name: 'web' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
});

test('boto 2 lists the bucket with instance metadata, in an init container at once and in the app', async (t) => {
  for (const stage of site.stages) t.diagnostic(stage);
  const began = performance.now();
  const pod = await waitForSuccess(cluster, first);
  t.diagnostic(`five pods at once, the first of them done: ${Math.round(performance.now() - began)} ms`);
  assert.deepEqual(initContainersOf(pod), ['podrole-redirect', 'podrole-sidecar', 'migrate']);
  for (const container of ['migrate', 'app']) {
    const { role, keys } = listing(await logOf(cluster, pod, container));
    assert.deepEqual(keys, [aws.object]);
    assert.equal(role, roleName('shop'));
  }
});

test('Pod Security "restricted" accepts the sidecar for credentials, which a script passes to boto 2', async () => {
  const pod = await waitForSuccess(cluster, admitted);
  assert.deepEqual(initContainersOf(pod), ['podrole-sidecar']);
  const { role, keys } = listing(await logOf(cluster, pod, 'app'));
  assert.deepEqual(keys, [aws.object]);
  assert.equal(role, null, 'in this mode nothing answers at the metadata addresses');
});

for (const mode of ['metadata', 'credentials'] as const) {
  test(`a Job with the sidecar for ${mode} completes`, async () => {
    const pod = await waitForJob(cluster, 'shop', mode);
    assert.deepEqual(listing(await logOf(cluster, pod, 'app')).keys, [aws.object]);
  });
}

test('an app on port 80 stays reachable on loopback, at its pod, and by its Service', async () => {
  const { status, spec } = await waitForReady(cluster, web);
  assert.equal(spec.initContainers?.[0]?.name, 'podrole-redirect');
  const { body } = await expectSuccess(cluster, 'GET', '/api/v1/namespaces/shop/services/web');
  const { clusterIP } = (body as { spec: { clusterIP: string } }).spec;
  const visitor = await start('shop', 'visitor', 'none', {
    containers: [
      { name: 'by-pod', ...BOTO2, command: ['wget', '-qO-', `http://${status.podIP}/`] },
      { name: 'by-service', ...BOTO2, command: ['wget', '-qO-', `http://${clusterIP}/`] },
    ],
  });
  const onLoopback = ['exec', '-n', 'shop', 'web', '-c', 'app', '--', 'wget', '-qO-', 'http://127.0.0.1/'];
  assert.deepEqual(listing(await expectKubectl(cluster, onLoopback)).keys, [aws.object]);
  await waitForSuccess(cluster, visitor);
  for (const container of ['by-pod', 'by-service']) {
    assert.deepEqual(listing(await logOf(cluster, visitor, container)).keys, [aws.object]);
  }
  await assert.rejects(fetch(`http://${status.podIP}:9911/v1/credentials`), 'the role is for the pod alone');
});

test('a forged request gets no container credentials; a client with the path or the token gets them', async () => {
  const { metadata } = await waitForReady(cluster, web);
  const asked = ['exec', '-n', 'shop', 'web', '-c', 'app', '--', '/usr/bin/python3', '-c', FORGERIES];
  const { uri, statuses } = JSON.parse(await expectKubectl(cluster, asked));
  assert.equal(uri, `http://127.0.0.1:9911/v1/credentials/${metadata.uid}`);
  assert.deepEqual(statuses, {
    uri: 200,
    relative: 200,
    'plain, token': 200,
    plain: 403,
    'plain, wrong token': 403,
    'plain, relative': 403,
    'plain, at instance metadata': 404,
    'uri, for instance metadata': 404,
    'uri, sent on': 403,
    'another UID': 404,
  });
});

test('an event reports that Pod Security refuses the sidecar for metadata, and the documented label allows it', async () => {
  await apply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace: 'baseline', name: 'web' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' }, annotations: { [SIDECAR]: 'metadata' } },
        spec: { serviceAccountName: 'web', containers: [{ name: 'app', ...BOTO2, args: ['--every', '1'] }] },
      },
    },
  });
  const refusal = await waitFor(async () => {
    const query = encodeURIComponent('involvedObject.kind=ReplicaSet,reason=FailedCreate');
    const { body } = await expectSuccess(
      cluster,
      'GET',
      `/api/v1/namespaces/baseline/events?fieldSelector=${query}`,
    );
    return (body as { items: { message: string }[] }).items[0]?.message;
  }, 'event at the ReplicaSet');
  assert.match(refusal, /violates PodSecurity "baseline:.*podrole-redirect.*NET_ADMIN/);
  await expectKubectl(cluster, ['label', 'namespace', 'baseline', '--overwrite', `${LEVEL}=privileged`]);
  const pod = await waitFor(
    async () => (await listPods(cluster, 'baseline', 'app=web'))[0],
    'pod of the Deployment',
  );
  await waitForReady(cluster, pod);
  const line = await waitFor(
    async () => (await logOf(cluster, pod, 'app')).split('\n')[0] || undefined,
    'listing',
  );
  assert.deepEqual(listing(line).keys, [aws.object]);
});

function start(
  namespace: Namespace,
  name: string,
  mode: string,
  spec: Readonly<Record<string, unknown>>,
): Promise<StoredPod> {
  return createPod(cluster, namespace, 'web', {
    name,
    labels: { app: name },
    annotations: { [SIDECAR]: mode },
    spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, ...spec },
  });
}

function job(mode: string) {
  const spec = { serviceAccountName: 'web', restartPolicy: 'Never' };
  const app = mode === 'metadata' ? BOTO2 : python(HAND_OVER);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { namespace: 'shop', name: mode },
    spec: {
      backoffLimit: 0,
      template: {
        metadata: { annotations: { [SIDECAR]: mode } },
        spec: { ...spec, containers: [{ name: 'app', ...app }] },
      },
    },
  };
}

function apply(manifest: object): Promise<string> {
  return expectKubectl(cluster, ['apply', '-f', '-'], { input: JSON.stringify(manifest) });
}

/** Output of the client of boto 2. */
function listing(printed: string): { role: string | null; keys: readonly string[] } {
  return JSON.parse(printed);
}

function roleName(namespace: Namespace): string | undefined {
  return roles.get(namespace)?.split('/').at(-1);
}

function initContainersOf({ spec }: StoredPod): string[] {
  return (spec.initContainers ?? []).map(({ name }) => name);
}
