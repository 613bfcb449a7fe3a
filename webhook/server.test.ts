import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { type Clock, systemClock } from '../lib/clock.ts';
import { PodroleError } from '../lib/errors.ts';
import { readSettings } from '../lib/settings/settings.ts';
import { admit, reviewOf } from '../testing/admission/admission.ts';
import { createAuthority, type KeyPair } from '../testing/certificates/certificates.ts';
import { startFakeCluster } from '../testing/kubernetes/fake-cluster.ts';
import { type CollectedLog, collectLog } from '../testing/processes/collected-log.ts';
import { until } from '../testing/until.ts';
import { createVirtualTime } from '../testing/virtual-time.ts';
import { type RunningWebhook, startWebhook } from './server.ts';
import { webhookSettings } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-server-'));
after(() => rmSync(folder, { recursive: true }));
const authority = await createAuthority('server');
const issue = () => authority.issue(['localhost', '127.0.0.1']);
const ca = authority.cert;
const files = {
  cert: join(folder, 'tls.crt'),
  key: join(folder, 'tls.key'),
  accounts: join(folder, 'accounts.yaml'),
};
const annotations = { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/web' };
writeFileSync(
  files.accounts,
  JSON.stringify({ kind: 'ServiceAccount', metadata: { namespace: 'shop', name: 'web', annotations } }),
);
const pod = {
  metadata: { namespace: 'shop', name: 'web-1' },
  spec: { serviceAccountName: 'web', containers: [{ name: 'app' }] },
};
const REVIEW = JSON.stringify(reviewOf(pod));

function writePair({ cert, key }: KeyPair): void {
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key);
}

interface Started {
  readonly webhook: RunningWebhook;
  readonly log: CollectedLog;
}

async function start(
  given: Record<string, string | undefined> = {},
  clock: Clock = systemClock,
): Promise<Started> {
  const log = collectLog();
  const ports = { port: '0', metricsPort: '0', tlsCert: files.cert, tlsKey: files.key };
  const settings = readSettings(webhookSettings, { ...ports, serviceAccounts: files.accounts, ...given }, {});
  const webhook = await startWebhook(settings, {
    logger: log.logger,
    env: {},
    clock,
    random: () => 0,
  });
  return { webhook, log };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly serialNumber: string;
}

async function send(port: number, options: RequestOptions, body: string | Buffer = REVIEW): Promise<Answer> {
  const outgoing = request({
    host: '127.0.0.1',
    port,
    ca,
    path: '/mutate',
    method: 'POST',
    agent: false,
    ...options,
    headers: { 'Content-Type': 'application/json', ...options.headers },
  });
  // A server that refuses a body without reading it may end the connection while it is still being sent.
  outgoing.on('error', () => {});
  outgoing.end(body);
  const [incoming] = await once(outgoing, 'response', { signal: AbortSignal.timeout(10_000) });
  const { serialNumber } = (incoming.socket as TLSSocket).getPeerCertificate();
  return { status: incoming.statusCode, headers: incoming.headers, body: await text(incoming), serialNumber };
}

const ready = async (port: number) => {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`);
  return { status: response.status, ...((await response.json()) as { reasons: string[] }) };
};

test('requests that are not reviews get the status that says why', async (t) => {
  writePair(await issue());
  const { webhook, log } = await start();
  const big = Buffer.alloc(7 * 1024 * 1024 + 1, 0x20);
  const cases: [
    name: string,
    options: RequestOptions,
    body: string | Buffer,
    status: number,
    code?: string,
  ][] = [
    ['a review', {}, REVIEW, 200],
    ['a charset', { headers: { 'Content-Type': 'Application/JSON; charset=utf-8' } }, REVIEW, 200],
    ['a query, as the API server sends it', { path: '/mutate?timeout=10s' }, REVIEW, 200],
    ['not JSON', {}, '{', 400, 'INVALID_REVIEW'],
    ['GET', { method: 'GET' }, '', 405, 'METHOD_NOT_ALLOWED'],
    ['OPTIONS', { method: 'OPTIONS' }, '', 405, 'METHOD_NOT_ALLOWED'],
    ['another type', { headers: { 'Content-Type': 'text/plain' } }, REVIEW, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['compressed', { headers: { 'Content-Encoding': 'gzip' } }, REVIEW, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [
      'too large by its length',
      { headers: { 'Content-Length': `${big.length}` } },
      big,
      413,
      'BODY_TOO_LARGE',
    ],
    ['too large in chunks', { headers: { 'Transfer-Encoding': 'chunked' } }, big, 413, 'BODY_TOO_LARGE'],
    ['another path', { path: '/other' }, REVIEW, 404, 'NOT_FOUND'],
    ['a target that is not a URL', { path: 'http://[/mutate' }, REVIEW, 404, 'NOT_FOUND'],
  ];
  try {
    for (const [name, options, body, status, code] of cases) {
      await t.test(name, async () => {
        const answer = await send(webhook.port, options, body);
        assert.equal(answer.status, status);
        assert.match(String(answer.headers['content-type']), /^application\/json/);
        assert.equal(JSON.parse(answer.body).code, code);
        assert.equal(answer.headers['allow'], status === 405 ? 'POST' : undefined);
      });
    }
    assert.ok(
      !log.text().includes('AWS_ROLE_ARN') && !log.text().includes('containers'),
      'no body in the log',
    );
    const metrics = await (await fetch(`http://127.0.0.1:${webhook.metricsPort}/metrics`)).text();
    assert.match(metrics, /^podrole_requests_total\{result="patched"\} 3$/m);
    assert.match(metrics, /^podrole_certificate_expiry_timestamp_seconds \d+$/m);
    assert.match(metrics, /^process_resident_memory_bytes /m);
  } finally {
    await webhook.stop();
  }
});

test('a certificate replaced under load: all requests are answered, new connections get it', async () => {
  const first = await issue();
  const second = await issue();
  writePair(first);
  const { webhook, log } = await start();
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  let stopped = false;
  const statuses: number[] = [];
  const worker = async (options: RequestOptions) => {
    while (!stopped) statuses.push((await send(webhook.port, options)).status);
  };
  const load = [worker({ agent }), worker({ agent }), worker({}), worker({})];
  try {
    const before = await send(webhook.port, {});
    writePair(second);
    await until(() => log.text().includes('certificate replaced'), 'replaced');
    assert.notEqual((await send(webhook.port, {})).serialNumber, before.serialNumber);
    const enough = statuses.length + 20;
    await until(() => statuses.length > enough, 'more requests after it');
  } finally {
    stopped = true;
    await Promise.all(load);
    agent.destroy();
    await webhook.stop();
  }
  assert.deepEqual(new Set(statuses), new Set([200]));
});

test('warnings of a pod that a controller creates become Events, unless --events=false', async () => {
  writePair(await issue());
  const peer = await startFakeCluster();
  const malformed = { 'eks.amazonaws.com/role-arn': 'web' };
  peer.put({ metadata: { namespace: 'shop', name: 'web', annotations: malformed } });
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5d9f', uid: 'u-1', controller: true };
  const owned = { ...pod, metadata: { ...pod.metadata, ownerReferences: [owner] } };
  const events = () => peer.writes.filter((write) => write === 'POST /api/v1/namespaces/shop/events').length;
  for (const [given, expected] of [
    ['false', 0],
    ['true', 1],
  ] as const) {
    const { webhook } = await start({ serviceAccounts: undefined, kubeApi: peer.url, events: given });
    try {
      await until(async () => (await ready(webhook.metricsPort)).status === 200, 'ready');
      assert.match((await send(webhook.port, {}, JSON.stringify(reviewOf(owned)))).body, /warnings/);
    } finally {
      await webhook.stop();
    }
    assert.equal(events(), expected);
  }
  await peer.stop();
});

test('ready once the cluster is known; while stopping, not ready, and reviews are answered', async () => {
  writePair(await issue());
  const peer = await startFakeCluster();
  peer.put({ metadata: { namespace: 'shop', name: 'web', annotations } });
  peer.trouble = () => ({ status: 503, message: 'starting' });
  const { webhook } = await start({ serviceAccounts: undefined, kubeApi: peer.url, watchConfigMap: 'true' });
  try {
    const waiting = await ready(webhook.metricsPort);
    assert.deepEqual([waiting.status, waiting.reasons.length], [503, 2]);
    assert.equal((await send(webhook.port, {})).status, 503, 'an internal error is not a verdict');
    peer.trouble = () => undefined;
    await until(async () => (await ready(webhook.metricsPort)).status === 200, 'ready');
    assert.ok((await admit(pod, webhook.port, ca)).spec.volumes?.length);

    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    peer.beforeAnswer = () => held;
    const inFlight = Array.from({ length: 5 }, (_, index) => {
      const spec = { ...pod.spec, serviceAccountName: `unknown-${index}` };
      return send(webhook.port, {}, JSON.stringify(reviewOf({ ...pod, spec })));
    });
    // Each asks for a ServiceAccount of its own, so that five look-ups mean five reviews in flight.
    await peer.requested((url) => /\/unknown-\d$/.test(url.pathname), inFlight.length);
    const stopping = webhook.stop();
    const draining = await ready(webhook.metricsPort);
    assert.deepEqual([draining.status, draining.reasons], [503, ['shutting down']]);
    release();
    assert.deepEqual(
      (await Promise.all(inFlight)).map(({ status }) => status),
      [200, 200, 200, 200, 200],
    );
    await stopping;
    await assert.rejects(send(webhook.port, {}));
  } finally {
    await webhook.stop();
    await peer.stop();
  }
});

test('with a delay, a stopping webhook is not ready but still answers new connections', async () => {
  writePair(await issue());
  const time = createVirtualTime();
  const { webhook } = await start({ shutdownDelay: '5s' }, time.clock());
  const kept = { headers: { Connection: 'keep-alive' } };
  const before = await send(webhook.port, kept);
  const stopping = webhook.stop();
  await time.pass(4_999);
  const { reasons } = await ready(webhook.metricsPort);
  const meanwhile = await send(webhook.port, kept);
  await time.pass(1);
  await stopping;
  assert.deepEqual(reasons, ['shutting down']);
  assert.deepEqual([before.status, before.headers.connection], [200, 'keep-alive']);
  // The API server lets go of its connections.
  assert.deepEqual([meanwhile.status, meanwhile.headers.connection], [200, 'close']);
  await assert.rejects(send(webhook.port, {}));
});

test('a webhook that cannot start reports why and leaves nothing running', async (t) => {
  writePair(await issue());
  const cases: [name: string, given: Record<string, string | undefined>, code: string][] = [
    ['a certificate of its own, and no cluster', { inCluster: 'true' }, 'NO_CLUSTER'],
    ['an unknown cipher suite', { tlsCipherSuites: 'TLS_NULL' }, 'INVALID_SETTING'],
    ['no certificate', { tlsCert: join(folder, 'none') }, 'UNREADABLE_FILE'],
    ['no ServiceAccount file', { serviceAccounts: join(folder, 'none') }, 'UNREADABLE_FILE'],
    ['no cluster', { serviceAccounts: undefined }, 'NO_CLUSTER'],
  ];
  for (const [name, given, code] of cases) {
    await t.test(name, async () => {
      await assert.rejects(start(given), (thrown) => thrown instanceof PodroleError && thrown.code === code);
    });
  }
  await t.test('a port in use', async () => {
    const { webhook } = await start();
    const port = String(webhook.port);
    try {
      await assert.rejects(
        start({ port }),
        (thrown) => thrown instanceof PodroleError && thrown.code === 'LISTEN_FAILED',
      );
    } finally {
      await webhook.stop();
    }
  });
});
