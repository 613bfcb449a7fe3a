import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { connect } from 'node:tls';
import { asArray, asObject } from '../../lib/json/json.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { createAuthority } from '../../testing/certificates/certificates.ts';
import { collectLog } from '../../testing/processes/collected-log.ts';
import { until } from '../../testing/until.ts';
import { createVirtualTime } from '../../testing/virtual-time.ts';
import { publishedKey } from '../keys/jwks.ts';
import { publishSettings } from '../settings.ts';
import { servePublication } from './serve-publication.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const [one, two] = ['one', 'two'].map((kid) =>
  publishedKey(kid, generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey),
);
const folder = mkdtempSync(join(tmpdir(), 'podrole-serve-'));
const running: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
});
after(() => rmSync(folder, { recursive: true }));

/** A replica that serves the keys of its file, with its own clock. */
async function startReplica(file: string, flags: Readonly<Record<string, string>> = {}) {
  const time = createVirtualTime();
  const stop = new AbortController();
  const { logger, text } = collectLog();
  const given = {
    serve: true,
    issuer: 'https://oidc.example.com/one',
    jwks: join(folder, file),
    port: '0',
    ...flags,
  };
  const settings = readSettings(publishSettings, { ...given, host: '127.0.0.1', metricsPort: '0' }, {});
  const surroundings = { env: {}, logger, clock: time.clock(), random: () => 0.5, signal: stop.signal };
  const ended = servePublication(settings, surroundings);
  running.push(async () => {
    stop.abort();
    await ended;
  });
  let hasFailed = false;
  ended.catch(() => {
    hasFailed = true;
  });
  await until(() => hasFailed || text().includes('"listening"'), 'listening');
  if (hasFailed) await ended;
  const portOf = (name: string) => new RegExp(`"${name}":(\\d+)`).exec(text())?.[1];
  const port = portOf('port');
  const origin = `http://127.0.0.1:${port}`;
  return {
    time,
    text,
    port,
    origin,
    metrics: `http://127.0.0.1:${portOf('metricsPort')}`,
    jwks: async () => (await fetch(`${origin}/one/openid/v1/jwks`)).text(),
    kids: async () => {
      const { keys } = asObject(await (await fetch(`${origin}/one/openid/v1/jwks`)).json()) ?? {};
      return (asArray(keys) ?? []).map((key) => asObject(key)?.['kid']).join(' ');
    },
  };
}

function hold(file: string, keys: readonly unknown[]): void {
  writeFileSync(join(folder, file), JSON.stringify({ keys }));
}

test('serves both documents and its health', async () => {
  hold('a.json', [one]);
  const { origin, metrics } = await startReplica('a.json');
  const discovery = asObject(await (await fetch(`${origin}/one/.well-known/openid-configuration`)).json());
  assert.equal(discovery?.['jwks_uri'], 'https://oidc.example.com/one/openid/v1/jwks');
  assert.equal((await fetch(`${origin}/healthz`)).status, 200);
  await until(async () => (await fetch(`${metrics}/readyz`)).status === 200, 'readiness');
  assert.match(await (await fetch(`${metrics}/metrics`)).text(), /^podrole_publication_keys 1$/m);
});

test('follows its source; a removed key stays for a token lifetime, and all keys stay while it cannot be read', async () => {
  hold('b.json', [one]);
  const { time, kids, text, origin } = await startReplica('b.json');
  assert.equal(await kids(), 'one');
  const checked = async () => {
    const checks = () => text().split('publication is as it should be').length;
    const before = checks();
    await time.pass(MINUTE_MS);
    await until(() => checks() > before, 'a check');
  };
  await checked();
  hold('b.json', [two]);
  await time.pass(MINUTE_MS);
  await until(async () => (await kids()) === 'one two', 'the new key beside the old one');
  // The time at which the old key disappeared is noted, but not served.
  assert.equal((await fetch(`${origin}/one/.podrole/publication.json`)).status, 404);
  writeFileSync(join(folder, 'b.json'), 'unreadable');
  await time.pass(MINUTE_MS);
  await until(() => text().includes('check of the publication failed'), 'a failure');
  assert.equal(await kids(), 'one two');
  hold('b.json', [two]);
  await time.pass(MINUTE_MS);
  await checked();
  assert.equal(await kids(), 'one two');
  await time.pass(DAY_MS);
  await until(async () => (await kids()) === 'two', 'the old key gone');
});

test('replicas serve the same bytes, whatever the order and the history', async () => {
  hold('c.json', [two]);
  hold('d.json', [one, two]);
  const flags = { x5c: 'true' };
  const grown = await startReplica('c.json', flags);
  hold('c.json', [two, one]);
  await grown.time.pass(MINUTE_MS);
  await until(async () => (await grown.kids()) === 'one two', 'both keys');
  const fresh = await startReplica('d.json', flags);
  assert.equal(await grown.jwks(), await fresh.jwks());
});

test('serves https with the certificate of its files, and with the next one when they change', async () => {
  hold('f.json', [one]);
  const authority = await createAuthority('authority of the test');
  const [certFile, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
  const servedName = async (port: string | undefined): Promise<unknown> => {
    const socket = connect({
      host: '127.0.0.1',
      port: Number(port),
      ca: authority.cert,
      checkServerIdentity: () => undefined,
    });
    await once(socket, 'secureConnect');
    const { CN } = socket.getPeerCertificate().subject;
    socket.destroy();
    return CN;
  };
  const put = async (name: string) => {
    const { cert, key } = await authority.issue([name]);
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, key);
  };
  await put('first.test');
  const { port } = await startReplica('f.json', { tlsCert: certFile, tlsKey: keyFile });
  assert.equal(await servedName(port), 'first.test');
  await put('second.test');
  await until(async () => (await servedName(port)) === 'second.test', 'the next certificate');
});

test('nothing is served if there are no keys', async () => {
  hold('e.json', []);
  await assert.rejects(startReplica('e.json'), { code: 'NO_KEYS' });
  running.length = 0;
});
