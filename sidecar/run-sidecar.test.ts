import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { after, afterEach, test } from 'node:test';
import { codeOf } from '../lib/errors.ts';
import { readSettings } from '../lib/settings/settings.ts';
import {
  answerXml,
  credentialsXml,
  PEER_SECRETS,
  startStsPeer,
  stsErrorXml,
  useStsPeer,
} from '../testing/aws/sts-peer.ts';
import { createAuthority } from '../testing/certificates/certificates.ts';
import { collectLog } from '../testing/processes/collected-log.ts';
import { type ServerProcess, startPodrole } from '../testing/processes/server-process.ts';
import { until } from '../testing/until.ts';
import { createVirtualTime } from '../testing/virtual-time.ts';
import { runSidecar } from './run-sidecar.ts';
import { sidecarSettings } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-sidecar-'));
const peer = await useStsPeer();
const answerAtOnce = peer.answerWith;
after(() => rmSync(folder, { recursive: true }));

const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.secret.token';
const tokenFile = join(folder, 'token');
writeFileSync(tokenFile, `${TOKEN}\n`);

let sidecar: ServerProcess | undefined;
afterEach(async () => {
  await sidecar?.stop('SIGKILL');
  const log = JSON.stringify(sidecar?.lines);
  for (const secret of [TOKEN, ...Object.values(PEER_SECRETS)]) assert.ok(!log.includes(secret));
  peer.answerWith = answerAtOnce;
  peer.calls.length = 0;
});

function environment(): Record<string, string> {
  return {
    AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/team/web',
    AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_STS: peer.url,
  };
}

function isRefused(url: string): Promise<boolean> {
  return fetch(url).then(
    () => false,
    (thrown: Error) => codeOf(thrown.cause) === 'ECONNREFUSED',
  );
}

async function start(
  ...args: readonly string[]
): Promise<{ process: ServerProcess; url: string; health: string }> {
  const ports = ['--port', '0', '--metrics-port', '0', '--log-level', 'debug'];
  sidecar = await startPodrole(['sidecar', ...ports, ...args], { env: environment() });
  const { port, metricsPort } = sidecar.listening;
  return { process: sidecar, url: `http://127.0.0.1:${port}`, health: `http://127.0.0.1:${metricsPort}` };
}

/** STS that answers when the test says so. */
function holdSts(): { readonly asked: Promise<void>; readonly release: () => void } {
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  peer.answerWith = async (request, response) => {
    asked.resolve();
    await released.promise;
    answerAtOnce(request, response);
  };
  return { asked: asked.promise, release: released.resolve };
}

const isMessage = (text: string) => (line: Readonly<Record<string, unknown>>) => line['msg'] === text;

test('it is ready once it has a session, and then serves every SDK', async () => {
  const sts = holdSts();
  const { process, url, health } = await start('--availability-zone', 'eu-central-1a');
  await sts.asked;
  const early = await fetch(`${health}/readyz`);
  assert.deepEqual(
    [early.status, await early.json()],
    [503, { ready: false, reasons: ['the first session is on its way'] }],
  );
  assert.equal((await fetch(`${health}/healthz`)).status, 200);
  sts.release();
  await process.line(isMessage('session obtained'));
  assert.equal((await fetch(`${health}/readyz`)).status, 200);
  const role = `${url}/latest/meta-data/iam/security-credentials/`;
  assert.equal(await (await fetch(role)).text(), 'web');
  for (const path of [`${role}web`, `${url}/v1/credentials`]) {
    const credentials = (await (await fetch(path)).json()) as Record<string, string>;
    assert.deepEqual(
      [credentials['AccessKeyId'], credentials['SecretAccessKey'], credentials['Token']],
      ['ASIAPEEREXAMPLE', ...Object.values(PEER_SECRETS)],
    );
  }
  const metrics = await (await fetch(`${health}/metrics`)).text();
  assert.match(metrics, /^podrole_exchanges_total\{result="succeeded"\} 1$/m);
  assert.match(metrics, /^podrole_session_expiry_timestamp_seconds \d{10}$/m);
  assert.match(metrics, /^podrole_sidecar_requests_total\{status="200"\} 3$/m);
  assert.equal((await fetch(`${health}/other`)).status, 404);
  assert.equal((await fetch(`${health}/readyz`, { method: 'POST', body: 'x' })).status, 405);
  assert.equal(await process.stop(), 0);
});

test('a thousand clients at the start get an answer each from one exchange', async () => {
  const sts = holdSts();
  const { url } = await start();
  await sts.asked;
  const agent = new Agent({ maxSockets: 1_000 });
  const requests = Array.from({ length: 1_000 }, () => get(`${url}/v1/credentials`, { agent }));
  await Promise.all(requests.map((request) => once(request, 'finish')));
  const answers = requests.map(async (request) => {
    const [message] = await once(request, 'response');
    return [message.statusCode, await json(message)] as const;
  });
  sts.release();
  for (const [status, credentials] of await Promise.all(answers)) {
    assert.equal(status, 200);
    assert.equal((credentials as Record<string, string>)['AccessKeyId'], 'ASIAPEEREXAMPLE');
  }
  agent.destroy();
  assert.equal(peer.calls.length, 1);
});

test('SIGTERM during an exchange: waiting clients get an answer, then the process ends', async () => {
  const sts = holdSts();
  const { process, url } = await start();
  await sts.asked;
  const waiting = get(`${url}/v1/credentials`);
  await once(waiting, 'finish');
  // Its arrival is not told: another that is answered behind it on the same listener is.
  await fetch(`${url}/latest/meta-data/instance-id`);
  const ended = process.stop();
  await until(() => isRefused(url), 'the sidecar no longer listens');
  sts.release();
  const [message] = await once(waiting, 'response');
  assert.equal(message.statusCode, 200);
  message.resume();
  assert.equal(await ended, 0);
});

test('SIGTERM ends an exchange that nobody waits for', async () => {
  const sts = holdSts();
  const { process } = await start();
  await sts.asked;
  assert.equal(await process.stop(), 0);
  assert.ok(!process.lines.some(isMessage('exchange failed')));
  sts.release();
});

test('after SIGTERM it serves for the delay, for containers that are still ending', async () => {
  const time = createVirtualTime();
  const log = collectLog();
  const stopping = new AbortController();
  const settings = readSettings(
    sidecarSettings,
    { port: '0', metricsPort: '0', shutdownDelay: '25s' },
    environment(),
  );
  const running = runSidecar(settings, {
    logger: log.logger,
    clock: time.clock(),
    random: Math.random,
    randomBytes,
    hostname: 'test',
    env: environment(),
    signal: stopping.signal,
  });
  const url = () => `http://127.0.0.1:${/"port":(\d+)/.exec(log.text())?.[1]}`;
  await until(() => log.text().includes('"session obtained"'), 'a session');
  stopping.abort();
  await time.pass(24_999);
  assert.equal((await fetch(`${url()}/v1/credentials`)).status, 200);
  await time.pass(1);
  await running;
  assert.ok(await isRefused(url()));
});

test('clients and readiness get the refusal of STS, and clients cause no new exchange', async () => {
  peer.answerWith = answerXml(403, () => stsErrorXml('AccessDenied', 'Not authorized'));
  const { process, url, health } = await start();
  const failed = await process.line(isMessage('exchange failed'));
  assert.ok(Number(failed['retryInSeconds']) >= 5);
  const refused = await fetch(`${url}/v1/credentials`);
  assert.equal(refused.status, 403);
  const { code, message } = (await refused.json()) as Record<string, string>;
  assert.equal(code, 'STS_REFUSED');
  assert.match(message ?? '', /AccessDenied \(Not authorized\).*podrole bind/);
  assert.match(await (await fetch(`${health}/readyz`)).text(), /AccessDenied/);
  assert.equal(peer.calls.length, 1);
});

test('it waits for a token that comes late, and for an STS that is unreachable at first', async () => {
  rmSync(tokenFile);
  const { process, url } = await start();
  const missing = await process.line(isMessage('exchange failed'));
  assert.match(JSON.stringify(missing), /TOKEN_UNREADABLE/);
  assert.equal((await fetch(`${url}/v1/credentials`)).status, 503);
  peer.answerWith = answerXml(503, () => stsErrorXml('ServiceUnavailable'));
  writeFileSync(tokenFile, TOKEN);
  await process.line((line) => JSON.stringify(line).includes('ServiceUnavailable'));
  peer.answerWith = answerAtOnce;
  await process.line(isMessage('session obtained'));
  assert.equal((await fetch(`${url}/v1/credentials`)).status, 200);
});

test('a wrong clock is logged, and the session is served nevertheless', async () => {
  peer.answerWith = (_request, response) => {
    const stsNow = Date.now() - 7_200_000;
    response.writeHead(200, { Date: new Date(stsNow).toUTCString() });
    response.end(credentialsXml(new Date(stsNow + 3_600_000).toISOString()));
  };
  const { process, url } = await start();
  const warned = await process.line((line) => line['clockAheadSeconds'] !== undefined);
  assert.ok(Math.abs(Number(warned['clockAheadSeconds']) - 7_200) < 10);
  assert.equal((await fetch(`${url}/v1/credentials`)).status, 200);
});

test('a port in use is an error, and nothing is left running', async () => {
  const { process } = await start();
  const taken = String(process.listening['port']);
  await assert.rejects(start('--port', taken), /port \d+: .*EADDRINUSE/);
  sidecar = process;
});

test('the CA of a private STS comes from the variables of SDKs and Node', async () => {
  const authority = await createAuthority('STS authority');
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, authority.cert);
  const secure = await startStsPeer(await authority.issue(['localhost']));
  try {
    for (const variable of ['AWS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS']) {
      const env = { ...environment(), AWS_ENDPOINT_URL_STS: secure.url, [variable]: caFile };
      const trusting = await startPodrole(['sidecar', '--port', '0', '--metrics-port', '0'], { env });
      await trusting.line(isMessage('session obtained'));
      assert.equal(await trusting.stop(), 0);
    }
  } finally {
    await secure.close();
  }
});
