import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { BodyShare } from './body-budget.ts';
import { BodyEndedError, BodyTooLargeError, readBody } from './read-body.ts';

const MAX_BYTES = 1_000_000;

/** A message whose body is still to come. */
const messageOf = (stream: PassThrough) =>
  Object.assign(stream, { headers: {} }) as unknown as IncomingMessage;

/** A share that adds up what is held of it. */
function shareOf() {
  const held = { bytes: 0, calls: 0, end: () => {} };
  const share: BodyShare = {
    begin: (onEnded) => {
      held.end = onEnded;
    },
    hold: (bytes) => {
      held.bytes += bytes;
      held.calls += 1;
    },
    arrived: () => true,
    answered: () => {},
    release: () => {},
  };
  return { held, share };
}

async function read(chunks: readonly Uint8Array[]) {
  const stream = new PassThrough();
  const { held, share } = shareOf();
  const body = readBody(messageOf(stream), MAX_BYTES, share);
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  return { body: await body, held };
}

test('a body in chunks of one byte takes one buffer, and all of it is held of the budget', async () => {
  const bytes = Array.from({ length: 100_000 }, (_, at) => at % 251);
  const { body, held } = await read(bytes.map((byte) => Uint8Array.of(byte)));
  assert.deepEqual(body, Buffer.from(bytes));
  assert.equal(held.bytes, body.buffer.byteLength);
  assert.ok(body.buffer.byteLength <= 2 * bytes.length, `${body.buffer.byteLength} bytes`);
  assert.ok(held.calls < 20, `${held.calls} buffers`);
});

test('a body keeps nothing of the memory that its chunks came in', async () => {
  const portion = Buffer.alloc(65_536, 'a');
  for (const chunks of [[portion.subarray(0, 10)], [portion.subarray(0, 10), portion.subarray(10, 20)], []]) {
    const { body, held } = await read(chunks);
    assert.equal(body.toString(), 'a'.repeat(10 * chunks.length));
    assert.equal(held.bytes, body.buffer.byteLength);
    assert.ok(body.buffer.byteLength <= 20);
  }
});

test('a buffer does not grow beyond the limit of the body', async () => {
  const { body, held } = await read([Buffer.alloc(MAX_BYTES - 1), Buffer.alloc(1)]);
  assert.deepEqual([body.length, held.bytes], [MAX_BYTES, MAX_BYTES]);
  await assert.rejects(read([Buffer.alloc(MAX_BYTES), Buffer.alloc(1)]), BodyTooLargeError);
});

test('a body that is ended while it arrives is dropped', async () => {
  const stream = new PassThrough();
  const { held, share } = shareOf();
  const body = readBody(messageOf(stream), MAX_BYTES, share);
  stream.write(Buffer.alloc(10));
  held.end();
  stream.end(Buffer.alloc(10));
  await assert.rejects(body, BodyEndedError);
});
