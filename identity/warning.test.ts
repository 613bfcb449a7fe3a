import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitWarnings, quote, warningLine } from './warning.ts';

test('every warning is one line of ASCII under 256 characters', () => {
  const long = 'ü\n\u0007'.repeat(200);
  const line = warningLine({ object: long, problem: `is ${quote(long)}`, remedy: 'write it again' });
  assert.ok(line.length < 256);
  assert.match(line, /^[ -~]+$/);
  assert.ok(line.endsWith('; write it again'), line);
  assert.equal(warningLine({ object: 'x', problem: 'y'.repeat(400), remedy: 'z' }).length, 255);
});

test('the warnings of a response have a total limit, and the last one counts those that are left out', () => {
  const lines = (count: number, length: number) => Array.from({ length: count }, () => 'x'.repeat(length));
  const cases: [name: string, warnings: string[], kept: number][] = [
    ['none', [], 0],
    ['as many as there is room for', lines(16, 256), 16],
    ['one more', lines(17, 256), 15],
    ['very many', lines(45_000, 255), 15],
    ['one that is too long by itself', lines(1, 5_000), 0],
  ];
  for (const [name, warnings, kept] of cases) {
    const shown = limitWarnings(warnings);
    assert.ok(shown.join('').length <= 4_096, name);
    assert.deepEqual(shown.slice(0, kept), warnings.slice(0, kept), name);
    const leftOut = warnings.length - kept;
    const note = leftOut > 0 ? [`podrole: ${leftOut} more warnings are left out; fix these first`] : [];
    assert.deepEqual(shown.slice(kept), note, name);
  }
});

test('a quoted URL has no credentials, whichever annotation holds it', () => {
  assert.equal(quote('https://user:s3cr3t@example.com/a'), '"https://...@example.com/a"');
  assert.equal(quote('https://example.com'), '"https://example.com"');
  assert.equal(quote('someone@example.com'), '"someone@example.com"');
});
