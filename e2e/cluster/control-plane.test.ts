import assert from 'node:assert/strict';
import { lookup } from 'node:dns/promises';
import { existsSync } from 'node:fs';
import { createServer } from 'node:https';
import { json } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { drain, listen } from '../../lib/http/serve.ts';
import { createAuthority } from '../../testing/certificates/certificates.ts';
import { waitFor } from '../../testing/wait-for.ts';
import {
  createNamespace,
  createToken,
  registerWebhook,
  removeWebhook,
  serviceAccountKeys,
} from './api-objects.ts';
import { startControlPlane } from './control-plane.ts';

const ISSUER = 'https://oidc.example.test';
const WEBHOOK_HOST = 'podrole-webhook.podrole.svc';
const POD_SPEC = { serviceAccountName: 'web', containers: [{ name: 'app', image: 'example.test/app:1' }] };
const PODS = '/api/v1/namespaces/shop/pods';

const began = performance.now();
const cluster = await startControlPlane({ issuer: ISSUER });
const startedInMs = performance.now() - began;
after(() => cluster.stop());
await createNamespace(cluster, 'shop');

test('a pod of a ServiceAccount is stored, and its token can be minted and verified', async (t) => {
  t.diagnostic(`control plane started in ${Math.round(startedInMs)} ms`);
  const account = await cluster.request('POST', '/api/v1/namespaces/shop/serviceaccounts', {
    metadata: { name: 'web' },
  });
  assert.equal(account.status, 201);
  const pod = await cluster.request('POST', PODS, { metadata: { name: 'web' }, spec: POD_SPEC });
  assert.equal(pod.status, 201);
  const { uid } = (pod.body as { metadata: { uid: string } }).metadata;

  const token = await createToken(cluster, 'shop', 'web', {
    audience: 'sts.amazonaws.com',
    expirationSeconds: 3_600,
    boundPod: { name: 'web', uid },
  });
  const keys = createLocalJWKSet(await serviceAccountKeys(cluster));
  const { payload } = await jwtVerify(token, keys, { issuer: ISSUER, audience: 'sts.amazonaws.com' });
  assert.equal(payload.sub, 'system:serviceaccount:shop:web');
});

test('the controllers create the pod of a Deployment that kubectl applies', async () => {
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'front', namespace: 'shop' },
    spec: {
      selector: { matchLabels: { app: 'front' } },
      template: { metadata: { labels: { app: 'front' } }, spec: POD_SPEC },
    },
  };
  const applied = await cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(deployment) });
  assert.equal(applied.code, 0, applied.stderr);
  assert.match(applied.stdout, /deployment.apps\/front created/);
  await waitFor(async () => {
    const { body } = await cluster.request('GET', `${PODS}?labelSelector=app%3Dfront`);
    return (body as { items: unknown[] }).items.length === 1;
  }, 'pod of Deployment shop/front');
});

test('warnings of the API server are returned', async () => {
  const spec = { ...POD_SPEC, nodeSelector: { 'beta.kubernetes.io/os': 'linux' } };
  const { warnings } = await cluster.request('POST', `${PODS}?dryRun=All`, {
    metadata: { name: 'old' },
    spec,
  });
  assert.match(warnings.join('\n'), /beta\.kubernetes\.io\/os.*deprecated/);
});

test('a registered webhook is called by its name for pods and for ephemeral containers', async (t) => {
  const authority = await createAuthority('webhook');
  const reviewed: string[] = [];
  const server = createServer(await authority.issue([WEBHOOK_HOST]), async (request, response) => {
    const review = (await json(request)) as { request: { uid: string; subResource?: string; name?: string } };
    const { uid, subResource = 'pods', name } = review.request;
    reviewed.push(`${subResource} ${name}`);
    response.end(JSON.stringify({ ...review, response: { uid, allowed: true } }));
  });
  const port = await listen(server, 0, '127.0.0.1');
  after(() => drain(server, 0));

  const url = `https://${WEBHOOK_HOST}:${port}/mutate`;
  await registerWebhook(cluster, { name: 'recorder', url, caBundle: authority.cert });
  const probe = { metadata: { name: 'probe' }, spec: POD_SPEC };
  await waitFor(async () => {
    await cluster.request('POST', `${PODS}?dryRun=All`, probe);
    return reviewed.includes('pods probe');
  }, 'call of the webhook');

  const debug = await cluster.kubectl(['debug', '-n=shop', 'pod/web', '--image=example.test/debug:1']);
  assert.equal(debug.code, 0, debug.stderr);
  assert.ok(reviewed.includes('ephemeralcontainers web'), reviewed.join());

  const names = Array.from({ length: 200 }, (_, index) => `many-${index}`);
  const start = performance.now();
  const answers = await Promise.all(
    names.map((name) => cluster.request('POST', PODS, { metadata: { name }, spec: POD_SPEC })),
  );
  t.diagnostic(`200 pods created in ${Math.round(performance.now() - start)} ms`);
  assert.ok(answers.every(({ status }) => status === 201));
  assert.ok(names.every((name) => reviewed.includes(`pods ${name}`)));

  await removeWebhook(cluster, 'recorder');
});

test('external names do not resolve, and AWS names lead to loopback', async () => {
  assert.equal((await lookup('sts.eu-west-1.amazonaws.com')).address, '127.0.0.1');
  await assert.rejects(lookup('example.com'));
});

test('a restarted API server still has its objects', async () => {
  await cluster.stopApiServer();
  await assert.rejects(cluster.request('GET', '/readyz'), { code: 'ECONNREFUSED' });
  await cluster.startApiServer();
  assert.equal((await cluster.request('GET', `${PODS}/web`)).status, 200);
});

test('a stopped control plane leaves nothing behind', async () => {
  const pids = cluster.pids();
  assert.equal(pids.length, 3);
  await cluster.stop();
  assert.deepEqual(
    pids.filter((pid) => existsSync(`/proc/${pid}`)),
    [],
  );
  assert.equal(existsSync(cluster.kubeconfig), false);
});
