import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:net';
import { after, beforeEach, test } from 'node:test';
import { createApiClient } from '../../kubernetes/api-client.ts';
import { loadKubeConfig } from '../../kubernetes/kube-config.ts';
import { systemClock } from '../../lib/clock.ts';
import { asObject } from '../../lib/json/json.ts';
import { port } from '../../lib/settings/kinds.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { startFakeCluster } from '../../testing/kubernetes/fake-cluster.ts';
import { collectLog } from '../../testing/processes/collected-log.ts';
import { until } from '../../testing/until.ts';
import { keyId } from '../keys/keys.ts';
import { createMemoryTarget } from '../targets/memory.ts';
import { runWatchReplica } from './replica.ts';
import { watchSettings } from './settings.ts';

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KEY = { kid: keyId(publicKey), publicKey };
const peer = await startFakeCluster();
const stops = new Set<AbortController>();
const holder = () => {
  const lease = peer.objects.get('/apis/coordination.k8s.io/v1/namespaces/podrole/leases/podrole-publisher');
  return asObject(lease?.['spec'])?.['holderIdentity'];
};
beforeEach(() => {
  peer.objects.clear();
  peer.trouble = () => undefined;
});
after(async () => {
  for (const stop of stops) stop.abort();
  await peer.stop();
});

interface Replica {
  readonly target: ReturnType<typeof createMemoryTarget>;
  readonly stop: () => Promise<void>;
  readonly get: (path: string) => Promise<{ status: number; text: string }>;
}

async function start(identity: string, given: Readonly<Record<string, string>> = {}): Promise<Replica> {
  const target = createMemoryTarget();
  const stopping = new AbortController();
  stops.add(stopping);
  const { logger, text } = collectLog();
  const done = runWatchReplica(
    readSettings(
      { ...watchSettings, metricsPort: port({ default: 9999, help: '' }) },
      { metricsPort: '0', ...given },
      {},
    ),
    {
      prepare: async (signal) => ({
        issuer: 'https://oidc.example.com',
        target,
        source: { name: 'source', read: async () => [KEY] },
        prune: false,
        tokenLifetimeSeconds: 86_400,
        x5c: false,
        now: () => new Date(),
        signal,
      }),
      connect: async () => createApiClient(loadKubeConfig({ kubeconfig: undefined, kubeApi: peer.url }, {})),
      podNamespace: 'podrole',
      identity,
      logger,
      clock: systemClock,
      random: Math.random,
      signal: stopping.signal,
    },
  );
  const listensAt = () => /"metricsPort":(\d+)/.exec(text())?.[1];
  await until(() => listensAt() !== undefined, 'listening');
  return {
    target,
    stop: async () => {
      stopping.abort();
      await done;
    },
    get: async (path) => {
      const response = await fetch(`http://127.0.0.1:${listensAt()}${path}`);
      return { status: response.status, text: await response.text() };
    },
  };
}

test('one of two replicas publishes, both are ready, and the Lease is released', async () => {
  const one = await start('one');
  await until(async () => (await one.get('/readyz')).status === 200, 'leader ready');
  assert.ok(one.target.get('/openid/v1/jwks')?.content.includes(KEY.kid));
  assert.equal(holder(), 'one');
  assert.match((await one.get('/metrics')).text, /^podrole_publisher_is_leader 1$/m);

  const two = await start('two');
  await until(async () => (await two.get('/readyz')).status === 200, 'other replica ready');
  assert.match((await two.get('/metrics')).text, /^podrole_publisher_is_leader 0$/m);
  assert.equal((await two.get('/healthz')).status, 200);
  await two.stop();
  assert.equal(holder(), 'one');

  await one.stop();
  assert.equal(holder(), '');
  await assert.rejects(() => one.get('/healthz'));
});

test('an API server that refuses the Lease makes it not ready, with the reason, and ends nothing', async () => {
  peer.trouble = () => ({ status: 403, message: 'leases is forbidden' });
  const one = await start('one', { leaseName: 'mine', leaseNamespace: 'elsewhere' });
  await until(async () => (await one.get('/readyz')).text.includes('403'), 'reason in /readyz');
  const { status, text } = await one.get('/readyz');
  assert.equal(status, 503);
  assert.match(text, /Lease not read yet: Lease elsewhere\/mine: .*leases is forbidden/);
  assert.equal((await one.get('/healthz')).status, 200);
  await one.stop();
});

test('without an election it publishes alone, without a Lease', async () => {
  const asked = peer.requests.length;
  const one = await start('one', { leaderElect: 'false' });
  await until(async () => (await one.get('/readyz')).status === 200, 'ready');
  assert.ok(one.target.get('/openid/v1/jwks'));
  await one.stop();
  assert.equal(peer.requests.length, asked);
});

test('a port that is in use is reported at the start', async () => {
  const taken = createServer();
  const takenPort = await new Promise<number>((resolve) => {
    taken.listen(0, () => {
      const address = taken.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
  try {
    await assert.rejects(
      runWatchReplica(
        readSettings(
          { ...watchSettings, metricsPort: port({ default: 9999, help: '' }) },
          { metricsPort: String(takenPort) },
          {},
        ),
        {
          prepare: () => assert.fail('not reached'),
          connect: async () =>
            createApiClient(loadKubeConfig({ kubeconfig: undefined, kubeApi: peer.url }, {})),
          podNamespace: 'podrole',
          identity: 'one',
          logger: collectLog().logger,
          clock: systemClock,
          random: Math.random,
          signal: new AbortController().signal,
        },
      ),
      { code: 'LISTEN_FAILED' },
    );
  } finally {
    taken.close();
  }
});
