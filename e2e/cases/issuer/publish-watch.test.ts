import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type ServerProcess, startPodrole } from '../../../testing/processes/server-process.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import { createToken, expectSuccess, serviceAccountKeys } from '../../cluster/api-objects.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';

/**
 * Two replicas of the shipped publisher, with the rights of its manifest: the key set survives the loss of a
 * replica or of the API server.
 */
const MANIFEST = fileURLToPath(new URL('../../../manifests/overlays/publisher', import.meta.url));
const NAMESPACE = 'podrole';
const NAME = 'podrole-publisher';
const API_AUDIENCE = 'https://kubernetes.default.svc';
/** Shorter than the defaults of 30 s and 15 s, in the same ratio. */
const TIMES = ['--interval=3s', '--lease-duration=6s'];
const LEASE = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/${NAME}`;

const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-publish-watch-'));
const site = path.join(folder, 'site');
const moreKeys = path.join(folder, 'more.pub');
await writeFile(moreKeys, publicKey());
const cluster = await startControlPlane({
  issuer: 'https://oidc.example.test',
  extraApiServerFlags: [`--service-account-key-file=${moreKeys}`],
});
const replicas = new Set<ServerProcess>();
after(async () => {
  await Promise.all([...replicas].map((replica) => replica.stop('SIGKILL')));
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
});

test("the API server accepts the manifest without a warning, and its pods pass the namespace's Pod Security Standard", async () => {
  const { code, stderr } = await cluster.kubectl(['apply', '-k', MANIFEST]);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
  const selector = 'labelSelector=app.kubernetes.io%2Fcomponent%3Dpublisher';
  await waitFor(async () => {
    const pods = await expectSuccess(cluster, 'GET', `/api/v1/namespaces/${NAMESPACE}/pods?${selector}`);
    return (pods.body as { items: object[] }).items.length === 2;
  }, 'two pods of the publisher');
});

test('one replica publishes the keys of the API server, and both are ready', async () => {
  const kubeconfig = path.join(folder, 'kubeconfig');
  const request = { audience: API_AUDIENCE, expirationSeconds: 3_600 };
  await writeFile(kubeconfig, cluster.kubeconfigOf(await createToken(cluster, NAMESPACE, NAME, request)));
  await start();
  await start();
  for (const replica of replicas) await waitFor(() => isReady(replica), 'replica ready');
  await waitFor(async () => (await leaders()).length === 1, 'one leader');
  assert.deepEqual(await publishedKeys(), await servedKeys());
  assert.equal((await publishedKeys()).length, 2);
});

test('a killed leader is replaced once its Lease has expired, and never before', async (t) => {
  const leader = await onlyLeader();
  const before = await lease();
  const began = performance.now();
  await leader.stop('SIGKILL');
  replicas.delete(leader);
  await waitFor(async () => (await lease()).holderIdentity !== before.holderIdentity, 'another holder');
  t.diagnostic(`after ${Math.round(performance.now() - began)} ms`);
  assert.equal((await lease()).leaseTransitions, before.leaseTransitions + 1);
  await onlyLeader();
  await start();
});

test('removed documents are published again', async () => {
  await rm(jwksFile());
  await waitFor(async () => (await publishedKeys()).length === 2, 'the key set');
});

test('the new key of a restarted API server is published, and no replica has ended', async (t) => {
  const pids = [...replicas].map(({ pid }) => pid);
  await cluster.stopApiServer();
  await appendFile(moreKeys, publicKey());
  await cluster.startApiServer();
  const began = performance.now();
  await waitFor(async () => (await publishedKeys()).length === 3, 'the new key');
  t.diagnostic(`public ${Math.round(performance.now() - began)} ms after the API server was ready`);
  assert.deepEqual(await publishedKeys(), await servedKeys());
  for (const replica of replicas) await waitFor(() => isReady(replica), 'replica ready again');
  for (const pid of pids) assert.ok(process.kill(pid, 0));
  await onlyLeader();
});

test('a stopping leader releases the Lease, so that the next leader need not wait until it expires', async (t) => {
  const leader = await onlyLeader();
  const [next] = [...replicas].filter((replica) => replica !== leader);
  assert.ok(next);
  const began = performance.now();
  assert.equal(await leader.stop('SIGTERM'), 0);
  replicas.delete(leader);
  assert.ok(leader.lines.some(({ msg }) => msg === 'Lease given back'));
  assert.ok(leader.lines.at(-1)?.['msg'] === 'stopped');
  await waitFor(async () => (await leaders())[0] === next, 'the next leader');
  t.diagnostic(`after ${Math.round(performance.now() - began)} ms`);
  assert.equal(await next.stop('SIGTERM'), 0);
  replicas.delete(next);
  assert.equal((await lease()).holderIdentity, '');
});

async function start(): Promise<void> {
  const kubeconfig = path.join(folder, 'kubeconfig');
  const where = ['--kubeconfig', kubeconfig, '--to', site, '--lease-namespace', NAMESPACE];
  const args = ['publish', '--watch', ...where, ...TIMES, '--metrics-port=0'];
  replicas.add(await startPodrole(args, { from: 'bundle' }));
}

function get({ listening }: ServerProcess, at: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${listening['metricsPort']}${at}`);
}

/** Throws the reasons if it is not ready. */
async function isReady(replica: ServerProcess): Promise<true> {
  const answer = await get(replica, '/readyz');
  if (!answer.ok) throw new Error(await answer.text());
  return true;
}

async function leaders(): Promise<readonly ServerProcess[]> {
  const found: ServerProcess[] = [];
  for (const replica of replicas) {
    const metrics = await (await get(replica, '/metrics')).text();
    if (/^podrole_publisher_is_leader 1$/m.test(metrics)) found.push(replica);
  }
  return found;
}

async function onlyLeader(): Promise<ServerProcess> {
  const [leader] = await waitFor(async () => {
    const found = await leaders();
    assert.ok(found.length <= 1, 'two leaders');
    return found.length === 1 && found;
  }, 'a leader');
  return leader ?? assert.fail();
}

async function lease(): Promise<{ holderIdentity: string; leaseTransitions: number }> {
  const { body } = await expectSuccess(cluster, 'GET', LEASE);
  return (body as { spec: { holderIdentity: string; leaseTransitions: number } }).spec;
}

function jwksFile(): string {
  return path.join(site, 'openid', 'v1', 'jwks');
}

async function publishedKeys(): Promise<readonly string[]> {
  const { keys } = JSON.parse(await readFile(jwksFile(), 'utf8')) as { keys: { kid: string }[] };
  return keys.map(({ kid }) => kid).toSorted();
}

async function servedKeys(): Promise<readonly string[]> {
  return (await serviceAccountKeys(cluster)).keys.map(({ kid }) => kid ?? '').toSorted();
}

function publicKey(): string {
  const { publicKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return key.export({ type: 'spki', format: 'pem' }).toString();
}
