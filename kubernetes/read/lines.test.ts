import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitLines } from './lines.ts';

function linesOf(chunks: readonly string[]): string[] {
  const lines: string[] = [];
  const split = splitLines((line) => {
    lines.push(line.toString());
    return undefined;
  });
  for (const chunk of chunks) split(Buffer.from(chunk));
  return lines;
}

test('lines are complete, however the stream is cut into chunks', () => {
  const text = 'one\ntwo\n\nthree is longer\n';
  for (let size = 1; size <= text.length; size += 1) {
    const chunks = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
    assert.deepEqual(linesOf(chunks), ['one', 'two', 'three is longer'], `chunks of ${size}`);
  }
});

test('bytes without a line feed are not a line', () => {
  assert.deepEqual(linesOf(['one\ntw']), ['one']);
});

test('after "enough" no more lines come', () => {
  const lines: string[] = [];
  const split = splitLines((line) => {
    lines.push(line.toString());
    return 'enough';
  });
  assert.equal(split(Buffer.from('one\ntwo\n')), 'enough');
  assert.deepEqual(lines, ['one']);
});

test('a line that does not end is an error, and does not fill the memory', () => {
  const split = splitLines(() => undefined);
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  assert.throws(() => {
    for (let count = 0; count < 21; count += 1) split(chunk);
  }, RangeError);
});
