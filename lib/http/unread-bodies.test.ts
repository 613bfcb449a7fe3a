import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { Registry } from 'prom-client';
import { documentsApp } from '../../oidc/serve/documents-app.ts';
import { healthListener } from '../../sidecar/health-listener.ts';
import { MAX_BODY_BYTES, stsApp } from '../../sts/app.ts';
import { createAuthority } from '../../testing/certificates/certificates.ts';
import { collectLog } from '../../testing/processes/collected-log.ts';
import { rawRequest } from '../../testing/processes/raw-request.ts';
import { serveWorkload } from '../../testing/sidecar/served-workload.ts';
import { startWebhook } from '../../webhook/server.ts';
import { webhookSettings } from '../../webhook/settings.ts';
import { systemClock } from '../clock.ts';
import { readSettings } from '../settings/settings.ts';
import { createHealthApp } from './health-app.ts';
import { drain, listen } from './serve.ts';
import { createWebServer, type WebServerOptions } from './web-server.ts';

const SIZE = 8 * 1024 * 1024;
const { logger } = collectLog();
const folder = mkdtempSync(join(tmpdir(), 'podrole-bodies-'));
const authority = await createAuthority('test');
const pair = await authority.issue(['127.0.0.1']);
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const webhook = await startWebhook(
  readSettings(
    webhookSettings,
    {
      port: '0',
      metricsPort: '0',
      tlsCert: file('tls.crt', pair.cert),
      tlsKey: file('tls.key', pair.key),
      serviceAccounts: file('accounts.json', '{"kind":"ServiceAccount","metadata":{"name":"web"}}'),
    },
    {},
  ),
  { logger, env: {}, clock: systemClock, random: () => 0 },
);
const workload = await serveWorkload();
after(async () => {
  await Promise.all([webhook.stop(), workload.close()]);
  rmSync(folder, { recursive: true });
});

async function serve(listener: WebServerOptions['listener'], maxBodyBytes = 0): Promise<number> {
  const server = createWebServer({ listener, maxBodyBytes });
  after(() => drain(server, 0));
  return listen(server, 0, '127.0.0.1');
}

const sts = stsApp(
  { account: '111122223333', providers: new Map(), roles: new Map() },
  { logger, now: () => new Date() },
);
const healthApp = createHealthApp({ notReady: () => [], registry: new Registry(), logger });
const ports = {
  webhook: webhook.port,
  sidecar: workload.port,
  sts: await serve(sts.callback(), MAX_BODY_BYTES),
  issuer: await serve(documentsApp(() => undefined, logger).callback()),
  health: await serve(healthApp.callback()),
  sidecarHealth: await serve(healthListener({ notReady: () => [], metrics: () => [] })),
};

const servers: readonly (readonly [name: keyof typeof ports, line: string, status: number])[] = [
  ['webhook', 'POST /mutate', 413],
  ['sidecar', 'PUT /latest/api/token', 413],
  ['sts', 'POST /', 413],
  ['issuer', 'POST /openid/v1/jwks', 404],
  ['health', 'POST /readyz', 405],
  ['sidecarHealth', 'POST /readyz', 405],
];

async function connected(name: keyof typeof ports): Promise<Socket> {
  const to = { host: '127.0.0.1', port: ports[name], allowHalfOpen: true };
  const socket = name === 'webhook' ? connectTls({ ...to, ca: authority.cert }) : connect(to);
  await once(socket, name === 'webhook' ? 'secureConnect' : 'connect');
  return socket.pause();
}

function write(socket: Socket, bytes: string | Buffer): Promise<void> {
  return new Promise((resolve, reject) =>
    socket.write(bytes, (error) => (error ? reject(error) : resolve())),
  );
}

/** Reads the head of the first answer. A reset rejects. */
async function readHead(socket: Socket): Promise<string> {
  let answer = '';
  for await (const chunk of socket) {
    answer += String(chunk);
    if (answer.includes('\r\n\r\n')) break;
  }
  socket.destroy();
  return answer;
}

describe('a client of every server that sends a body which is not read', { concurrency: true }, () => {
  for (const [name, line, status] of servers) {
    const head = `${line} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${SIZE}\r\n`;
    const answer = new RegExp(`^HTTP/1.1 ${status} `);

    test(`${name}: reads the answer after it has sent everything`, async () => {
      const socket = await connected(name);
      await write(socket, `${head}\r\n`);
      await write(socket, Buffer.alloc(SIZE));
      assert.match(await readHead(socket), answer);
    });

    test(`${name}: reads the answer after it has sent a little for seconds`, async () => {
      const socket = await connected(name);
      await write(socket, `${head}\r\n`);
      for (let at = 0; at < 30; at += 1) {
        await write(socket, 'more');
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      assert.match(await readHead(socket), answer);
    });

    test(`${name}: reads the answer in place of 100 Continue`, async () => {
      const socket = await connected(name);
      await write(socket, `${head}Expect: 100-continue\r\n\r\n`);
      assert.match(await readHead(socket), answer);
    });

    test(`${name}: is cut off if it never reads`, { timeout: 40_000 }, async () => {
      const socket = await connected(name);
      await write(socket, `${head}\r\n`);
      const ended = new Promise<void>((resolve) => socket.once('error', () => resolve()));
      const timer = setInterval(() => socket.write('x'), 500);
      await ended;
      clearInterval(timer);
      socket.destroy();
    });
  }
});

test('every server without TLS understands a whole URL as request target', async () => {
  const targets = [
    ['sts', '/healthz', 200],
    ['issuer', '/openid/v1/other', 404],
    ['health', '/readyz', 200],
    ['sidecarHealth', '/readyz', 200],
  ] as const;
  for (const [name, path, status] of targets) {
    const sent = `GET http://127.0.0.1${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`;
    assert.match(await rawRequest(ports[name], sent), new RegExp(`^HTTP/1.1 ${status} `), name);
  }
});
