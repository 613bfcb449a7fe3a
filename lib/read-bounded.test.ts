import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { BoundedBuffer, readBounded } from './read-bounded.ts';

const CASES: readonly (readonly [what: string, chunks: readonly (Buffer | string)[], read?: string])[] = [
  ['nothing', [], ''],
  ['empty chunks', ['', Buffer.alloc(0)], ''],
  ['as many bytes as allowed', [Buffer.from('abcd'), 'ef', Buffer.from('gh')], 'abcdefgh'],
  ['characters of several bytes', ['ää', 'ää'], 'ääää'],
  ['one byte too many', ['abcdefgh', 'i']],
  ['a chunk that is too large', ['abcdefghi']],
];

for (const [what, chunks, read] of CASES) {
  test(`a stream of ${what} is ${read === undefined ? 'refused' : 'read'}`, async () => {
    const bytes = await readBounded(Readable.from(chunks), 8);
    assert.equal(bytes?.toString(), read);
  });
}

test('no more is read than needed to see that it is too much', async () => {
  let read = 0;
  const stream = Readable.from(
    (function* () {
      for (;;) {
        read += 1;
        yield Buffer.alloc(1_000);
      }
    })(),
    { highWaterMark: 1 },
  );
  assert.equal(await readBounded(stream, 10_000), undefined);
  assert.ok(stream.destroyed);
  assert.ok(read < 20, `${read} chunks`);
});

test('the reader waits for onBytes before it takes another chunk', async () => {
  const order: (string | number)[] = [];
  const source = (async function* () {
    for (const chunk of ['a', 'bc']) {
      order.push(chunk);
      yield chunk;
    }
  })();
  await readBounded(source, 8, async (bytes) => {
    await Promise.resolve();
    order.push(bytes);
  });
  assert.deepEqual(order, ['a', 1, 'bc', 3]);
});

test('the buffer takes at most twice what has arrived, and never more than the limit', () => {
  const bytes = new BoundedBuffer(5_000);
  for (let length = 1; length <= 5_000; length += 1) {
    assert.ok(bytes.add(Buffer.of(length & 0xff)));
    assert.ok(bytes.capacity <= Math.min(5_000, 2 * length), `${bytes.capacity} bytes for ${length}`);
  }
  assert.equal(bytes.add(Buffer.of(0)), false);
  assert.equal(bytes.whole().length, 5_000);
});
