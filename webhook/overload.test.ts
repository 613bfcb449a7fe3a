import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { BodyBudget } from '../lib/http/body/body-budget.ts';
import { drain, listen } from '../lib/http/serve.ts';
import { createWebServer } from '../lib/http/web-server.ts';
import { collectLog } from '../testing/processes/collected-log.ts';
import { rawRequest } from '../testing/processes/raw-request.ts';
import { until } from '../testing/until.ts';
import type { ReviewAnswer } from './admission.ts';
import { createWebhookApp } from './app.ts';

const LIMIT_BYTES = 1_500;
const ANSWER: ReviewAnswer = { status: 200, body: '{}', result: 'unchanged', warnings: [] };

interface Scene {
  /** Reviews are answered once this is. */
  readonly released?: Promise<void>;
  readonly limitBytes?: number;
  readonly answer?: ReviewAnswer;
}

/** The webhook's app with a small budget. */
async function start({ released, limitBytes = LIMIT_BYTES, answer = ANSWER }: Scene = {}) {
  const results: string[] = [];
  const budget = new BodyBudget({
    limitBytes,
    monotonicMs: () => performance.now(),
    onShed: () => {},
  });
  const app = createWebhookApp({
    review: async () => {
      await released;
      return answer;
    },
    budget,
    isCallerAllowed: () => true,
    report: () => {},
    metrics: { reviewed: (result) => results.push(result), roleRefused: () => {} },
    logger: collectLog().logger,
    monotonicMs: () => performance.now(),
  });
  const server = createWebServer({ listener: app.callback(), maxBodyBytes: limitBytes });
  const port = await listen(server, 0, '127.0.0.1');
  return { port, budget, results, stop: () => drain(server, 0) };
}

const review = (length: number, body: string) =>
  'POST /mutate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n' +
  `Content-Length: ${length}\r\n\r\n${body}`;

async function begin(port: number, bytes: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  socket.write(bytes);
  return socket;
}

test('an unfinished review is refused with Retry-After, so that another one is answered', async () => {
  const { port, budget, results, stop } = await start();
  try {
    const unfinished = await begin(port, review(900, ' '.repeat(800)));
    await until(() => budget.usedBytes === 800, 'the first is held');
    const answer = text(unfinished);
    assert.match(await rawRequest(port, review(500, ' '.repeat(500))), /^HTTP\/1.1 200 /);
    assert.match(await answer, /^HTTP\/1.1 503 .*Retry-After: 1.*"OVERLOADED"/s);
    unfinished.end();
    assert.deepEqual([results.toSorted(), budget.usedBytes], [['failed', 'unchanged'], 0]);
  } finally {
    await stop();
  }
});

test('the memory of reviews counts until they are answered; then there is room again', async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { port, budget, stop } = await start({ released });
  try {
    const first = await begin(port, review(600, ' '.repeat(600)));
    await until(() => budget.usedBytes > 600, 'the first has arrived');
    assert.match(await rawRequest(port, review(600, ' '.repeat(600))), /^HTTP\/1.1 503 /);
    release();
    const [answer] = await once(first, 'data');
    assert.match(String(answer), /^HTTP\/1.1 200 /);
    first.destroy();
    assert.match(await rawRequest(port, review(600, ' '.repeat(600))), /^HTTP\/1.1 200 /);
    assert.equal(budget.usedBytes, 0);
  } finally {
    await stop();
  }
});

test('a client that goes away releases its share', async () => {
  const { port, budget, stop } = await start();
  try {
    const socket = await begin(port, review(900, ' '.repeat(800)));
    await until(() => budget.usedBytes === 800, 'it is held');
    socket.destroy();
    await until(() => budget.usedBytes === 0, 'it is given back');
  } finally {
    await stop();
  }
});

test('answers that nobody reads count until they make room for another review', async () => {
  const mebibyte = 1024 * 1024;
  // More than the kernel buffers for a connection.
  const answer = { ...ANSWER, body: 'a'.repeat(16 * mebibyte) };
  const { port, budget, stop } = await start({ limitBytes: 40 * mebibyte, answer });
  const unread: Socket[] = [];
  try {
    for (const expected of [16, 32]) {
      unread.push((await begin(port, review(2, '{}'))).pause());
      await until(() => budget.usedBytes === expected * mebibyte, 'the answer counts');
    }
    const [first] = unread;
    assert.ok(first);
    const ended = text(first).catch(() => '');
    assert.match(await rawRequest(port, review(2, '{}')), /^HTTP\/1.1 200 /);
    assert.ok((await ended).length < 16 * mebibyte, 'the oldest answer was cut');
    for (const socket of unread) socket.destroy();
    await until(() => budget.usedBytes === 0, 'all is given back');
  } finally {
    for (const socket of unread) socket.destroy();
    await stop();
  }
});

test('the share of a client that goes away stays until its review is decided', async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { port, budget, results, stop } = await start({ released });
  try {
    const socket = await begin(port, review(600, ' '.repeat(600)));
    await until(() => budget.usedBytes > 600, 'it has arrived');
    const held = budget.usedBytes;
    socket.destroy();
    assert.match(await rawRequest(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'), /^HTTP\/1.1 404 /);
    assert.equal(budget.usedBytes, held);
    release();
    await until(() => budget.usedBytes === 0, 'it is given back');
    assert.equal(results.length, 1);
  } finally {
    await stop();
  }
});
