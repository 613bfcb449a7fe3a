import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, afterEach, test } from 'node:test';
import { systemClock } from '../lib/clock.ts';
import { PodroleError } from '../lib/errors.ts';
import { readSettings } from '../lib/settings/settings.ts';
import type { Env } from '../lib/surroundings.ts';
import { reviewOf } from '../testing/admission/admission.ts';
import { createAuthority, type KeyPair } from '../testing/certificates/certificates.ts';
import { startFakeCluster } from '../testing/kubernetes/fake-cluster.ts';
import { type CollectedLog, collectLog } from '../testing/processes/collected-log.ts';
import { until } from '../testing/until.ts';
import { type RunningWebhook, startWebhook } from './server.ts';
import { webhookSettings } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-callers-'));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string, content: string) => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
};
const serving = await createAuthority('serving');
const pair = await serving.issue(['127.0.0.1']);
const clients = await createAuthority('clients');
const other = await createAuthority('other clients');
const apiServer = await clients.issue(['kube-apiserver']);
const kubelet = await clients.issue(['system:node:one']);
const foreign = await other.issue(['kube-apiserver']);
const tlsCert = at('tls.crt', pair.cert);
const tlsKey = at('tls.key', pair.key);
const serviceAccounts = at('accounts.yaml', '');
const REVIEW = JSON.stringify(
  reviewOf({
    metadata: { namespace: 'shop', name: 'web-1' },
    spec: { serviceAccountName: 'web', containers: [{ name: 'app' }] },
  }),
);

let webhook: RunningWebhook | undefined;
let log: CollectedLog;
afterEach(async () => {
  await webhook?.stop();
  webhook = undefined;
});

async function start(given: Env): Promise<void> {
  log = collectLog();
  const settings = readSettings(
    webhookSettings,
    { port: '0', metricsPort: '0', tlsCert, tlsKey, serviceAccounts, ...given },
    {},
  );
  webhook = await startWebhook(settings, {
    logger: log.logger,
    env: {},
    clock: systemClock,
    random: () => 0,
  });
}

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

async function send(
  client?: KeyPair,
  body: string | Buffer = REVIEW,
  options: RequestOptions = {},
): Promise<Answer> {
  const outgoing = request({
    ...{
      host: '127.0.0.1',
      port: webhook?.port,
      ca: serving.cert,
      agent: false,
      method: 'POST',
      path: '/mutate',
    },
    ...(client && { cert: client.cert, key: client.key }),
    ...options,
    headers: { 'Content-Type': 'application/json' },
  });
  outgoing.end(body);
  const [incoming] = await once(outgoing, 'response', { signal: AbortSignal.timeout(10_000) });
  return { status: incoming.statusCode, body: await text(incoming) };
}

const statusOf = async (client?: KeyPair) => (await send(client)).status;
/** Refused by TLS: no request is ever read. */
const isRefused = (client?: KeyPair) => assert.rejects(send(client), { name: 'Error' });

test('without --client-ca no client is asked for a certificate', async () => {
  await start({});
  assert.deepEqual([await statusOf(), await statusOf(foreign)], [200, 200]);
});

test('with --client-ca strangers are refused, with or without a certificate of another CA', async () => {
  await start({ clientCa: at('ca.crt', clients.cert) });
  assert.deepEqual([await statusOf(apiServer), await statusOf(kubelet)], [200, 200]);
  await isRefused();
  await isRefused(foreign);
  await until(() => log.text().includes('caller refused'), 'said once');
  assert.equal(log.text().split('caller refused').length, 2, 'one line a minute');
  assert.equal(log.text().split('"serviceAccount"').length - 1, 2, 'only two were reviewed');
});

test('--client-name admits only some of the clients whose certificate the CA signed', async () => {
  await start({ clientCa: at('ca.crt', clients.cert), clientName: 'kube-apiserver,front' });
  assert.equal(await statusOf(apiServer), 200);
  const refused = await send(kubelet);
  assert.deepEqual([refused.status, JSON.parse(refused.body).code], [403, 'CALLER_NOT_ALLOWED']);
  assert.match(log.text(), /its common name is not one of --client-name.*caller refused/);
  await isRefused(foreign);
});

test('the file and the serving certificate are followed, and a change of one keeps the other', async () => {
  const clientCa = at('ca.crt', clients.cert);
  await start({ clientCa });
  at('ca.crt', other.cert);
  await until(() => log.text().includes('client CA replaced'), 'replaced');
  assert.equal(await statusOf(foreign), 200);
  await isRefused(apiServer);

  const next = await serving.issue(['127.0.0.1']);
  at('tls.crt', next.cert);
  at('tls.key', next.key);
  await until(() => log.text().includes('certificate replaced'), 'serving certificate replaced');
  assert.equal(await statusOf(foreign), 200);
  await isRefused();

  at('ca.crt', `${clients.cert}\n${other.cert}`);
  await until(() => log.text().split('client CA replaced').length === 3, 'replaced by both');
  assert.deepEqual([await statusOf(foreign), await statusOf(apiServer)], [200, 200]);
  await isRefused();

  rmSync(clientCa);
  await until(() => log.text().includes('its last good content stays'), 'missing');
  assert.equal(await statusOf(apiServer), 200);
  await isRefused();
  at('tls.crt', pair.cert);
  at('tls.key', pair.key);
});

test('a guard that cannot work is a fault, and is never turned off silently', async () => {
  const cases: [given: Record<string, string>, code: string][] = [
    [{ clientCa: '' }, 'INVALID_SETTING'],
    [{ clientName: '' }, 'INVALID_SETTING'],
    [{ clientName: ' , ' }, 'INVALID_SETTING'],
    [{ clientName: 'kube-apiserver' }, 'INVALID_SETTING'],
    [{ clientCa: join(folder, 'none') }, 'UNREADABLE_FILE'],
    [{ clientCa: at('empty', '') }, 'INVALID_CERTIFICATE'],
    [{ clientCa: at('key', `${clients.cert}${clients.key}`) }, 'INVALID_CERTIFICATE'],
    [{ clientCa: at('half', clients.cert.slice(0, -40)) }, 'INVALID_CERTIFICATE'],
    [{ clientCa: at('leaf', apiServer.cert) }, 'INVALID_CERTIFICATE'],
    [{ clientCa: at('broken', clients.cert.replace(/\nM/, '\nAAAA')) }, 'INVALID_CERTIFICATE'],
  ];
  for (const [given, code] of cases) {
    await assert.rejects(
      start(given),
      (thrown) => thrown instanceof PodroleError && thrown.code === code,
      JSON.stringify(given),
    );
  }
});

test('the answer of an API server to a failed look-up is in the log, not in the HTTP answer', async () => {
  const peer = await startFakeCluster();
  try {
    peer.trouble = () => ({ status: 403, message: 'system:serviceaccount:podrole may not' });
    await start({ serviceAccounts: undefined, kubeApi: peer.url });
    const { status, body } = await send();
    assert.deepEqual(
      [status, JSON.parse(body)],
      [
        503,
        {
          code: 'UNAVAILABLE',
          message: 'the admission request could not be decided; the log of podrole says why',
        },
      ],
    );
    assert.match(log.text(), /review failed.*system:serviceaccount:podrole may not|may not.*review failed/);
  } finally {
    await webhook?.stop();
    webhook = undefined;
    await peer.stop();
  }
});
