import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { after, afterEach, beforeEach, test } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { reviewOf } from '../../../testing/admission/admission.ts';
import { createAuthority } from '../../../testing/certificates/certificates.ts';
import { launchOf } from '../../../testing/processes/image-launcher.ts';
import { type ServerProcess, startPodrole } from '../../../testing/processes/server-process.ts';
import { type MemoryCgroup, makeMemoryCgroup } from '../../setup/webhook/memory-cgroup.ts';

/**
 * Attacks of strangers without credentials on the shipped webhook, which has the memory limit of its
 * manifest.
 */
const MEBIBYTE = 1024 * 1024;
const LIMIT_BYTES = 256 * MEBIBYTE;
const BODY_BYTES = 7 * MEBIBYTE;

const folder = mkdtempSync(path.join(tmpdir(), 'podrole-flood-'));
after(() => rmSync(folder, { recursive: true }));
const authority = await createAuthority('flood');
const pair = await authority.issue(['127.0.0.1']);
const at = (name: string, content: string) => {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
};
const annotations = { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/web' };
const account = { kind: 'ServiceAccount', metadata: { namespace: 'shop', name: 'web', annotations } };
const args = [
  ...['webhook', '--port', '0', '--metrics-port', '0'],
  ...['--tls-cert', at('tls.crt', pair.cert), '--tls-key', at('tls.key', pair.key)],
  ...['--service-accounts', at('accounts.yaml', JSON.stringify(account))],
];
const pod = (containers: readonly { readonly name: string; readonly args?: readonly string[] }[]) =>
  JSON.stringify(
    reviewOf({
      metadata: { namespace: 'shop', name: 'web-1' },
      spec: { serviceAccountName: 'web', containers },
    }),
  );
const REVIEW = pod([{ name: 'app' }]);

let memory: MemoryCgroup;
let webhook: ServerProcess;
let port: number;
let sockets: Set<{ destroy: () => void }>;

beforeEach(async (t) => {
  memory = makeMemoryCgroup(`flood-${t.name.replace(/\W+/g, '-').slice(0, 40)}`, LIMIT_BYTES);
  const { wrapper } = memory;
  webhook = await startPodrole(args, { from: 'bundle', nodeArgs: launchOf('webhook').options, wrapper });
  port = Number(webhook.listening['port']);
  sockets = new Set();
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await webhook.stop('SIGKILL');
  await memory.remove();
});

async function send(body: string): Promise<{ status: number | undefined; body: string }> {
  const outgoing = request({
    host: '127.0.0.1',
    port,
    ca: authority.cert,
    path: '/mutate',
    method: 'POST',
    agent: false,
    headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
  });
  outgoing.end(body);
  const [incoming] = await once(outgoing, 'response', { signal: AbortSignal.timeout(30_000) });
  return { status: incoming.statusCode, body: await text(incoming) };
}

/** Sends reviews as an API server does, one after the other: each answer contains the role. */
async function reviewsAreAnswered(count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) {
    const { status, body } = await send(REVIEW);
    assert.equal(status, 200, body);
    assert.ok(JSON.parse(body).response.patch, 'no patch');
  }
}

function survived(t: { diagnostic: (message: string) => void }): void {
  t.diagnostic(`at most ${memory.peakMiB()} of ${LIMIT_BYTES / MEBIBYTE} MiB`);
  assert.equal(memory.killed(), 0);
}

async function stranger(): Promise<TLSSocket> {
  const socket = connectTls({ host: '127.0.0.1', port, ca: authority.cert });
  sockets.add(socket);
  socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  await once(socket, 'secureConnect');
  return socket.resume();
}

async function halfHandshake(): Promise<void> {
  const socket = connectTcp(port, '127.0.0.1');
  sockets.add(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(Buffer.from([0x16, 3, 1]));
}

const HEADERS = 'POST /mutate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';
const UNFINISHED = Buffer.alloc(BODY_BYTES - 1, 0x20);

const ATTEMPTS = 5;

/** Opens this many connections with an unfinished body; each closed one is opened again, up to four times. */
function holdBodies(count: number, body: Buffer): { readonly stop: () => void; readonly made: () => number } {
  let stopped = false;
  let made = 0;
  const hold = async () => {
    for (let attempt = 0; attempt < ATTEMPTS && !stopped; attempt += 1) {
      try {
        const socket = await stranger();
        made += 1;
        socket.write(`${HEADERS}Content-Length: ${BODY_BYTES}\r\n\r\n`);
        socket.write(body);
        await once(socket, 'close');
      } catch {
        // Refused: try the next one.
      }
    }
  };
  for (let begun = 0; begun < count; begun += 1) void hold();
  return {
    stop: () => {
      stopped = true;
    },
    made: () => made,
  };
}

test('the webhook answers reviews during unfinished bodies of 7 MiB on 40 connections', async (t) => {
  const flood = holdBodies(40, UNFINISHED);
  await reviewsAreAnswered(10);
  flood.stop();
  t.diagnostic(`${flood.made()} bodies`);
  assert.ok(flood.made() >= 40);
  survived(t);
});

test('the webhook answers reviews during unfinished bodies of 100 KiB on 400 connections', async (t) => {
  const flood = holdBodies(400, UNFINISHED.subarray(0, 100 * 1024));
  await reviewsAreAnswered(10);
  flood.stop();
  t.diagnostic(`${flood.made()} bodies`);
  survived(t);
});

/** Sends as much of a review as the server reads, in chunks of one byte, and never its end. */
async function drip(bytes: number): Promise<void> {
  const socket = await stranger();
  socket.write(`${HEADERS}Transfer-Encoding: chunked\r\n\r\n`);
  const portion = Buffer.from('1\r\n \r\n'.repeat(16_384));
  await pipeline(Readable.from(Array(bytes / 16_384).fill(portion)), socket, { end: false });
}

test('the webhook answers reviews during bodies in chunks of one byte', async (t) => {
  const drips = Promise.allSettled(Array.from({ length: 8 }, () => drip(MEBIBYTE)));
  await reviewsAreAnswered(10);
  await drips;
  await reviewsAreAnswered(10);
  survived(t);
});

test('idle connections, half handshakes and slow headers do not block a review', async (t) => {
  const idle = await Promise.all(Array.from({ length: 600 }, () => stranger().catch(() => undefined)));
  await reviewsAreAnswered(10);
  const open = idle.filter((socket) => socket && !socket.destroyed);
  for (const socket of open) socket?.write('POST /mutate HTTP/1.1\r\nHost:');
  await reviewsAreAnswered(10);
  await Promise.all(Array.from({ length: 600 }, halfHandshake));
  await reviewsAreAnswered(10);
  t.diagnostic(`${open.length} idle connections were kept`);
  assert.ok(open.length > 0);
  survived(t);
});

const filled = (value: string, bytes: number) =>
  `${REVIEW.slice(0, -1)},"more":[${`${value},`.repeat(Math.floor((bytes - 2_000) / (value.length + 1)))}0]}`;

test('reviews that are small in bytes and large when parsed are refused before they are parsed', async (t) => {
  const chain = `${'{"34":'.repeat(190)}0${'}'.repeat(190)}`;
  for (const value of ['{}', '[]', '{"name":""}', chain]) {
    const body = filled(value, BODY_BYTES);
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(body)));
    // 503: there was no room for the bytes of all of them.
    for (const { status } of answers) assert.ok(status === 400 || status === 503, `${value}: ${status}`);
  }
  await reviewsAreAnswered(1);
  survived(t);
});

test('forty of the largest reviews at once are answered or refused, and the next review is answered', async (t) => {
  const body = pod([{ name: 'app', args: Array(80_000).fill('abcdefghijklmnopqrstuvwxyz0123') }]);
  const answers = await Promise.all(Array.from({ length: 40 }, () => send(body)));
  const statuses = answers.map(({ status }) => status);
  t.diagnostic(
    `${Math.round(body.length / MEBIBYTE)} MiB each; ${statuses.filter((s) => s === 200).length} answered`,
  );
  for (const status of statuses) assert.ok(status === 200 || status === 503, `${status}`);
  await reviewsAreAnswered(1);
  survived(t);
});
