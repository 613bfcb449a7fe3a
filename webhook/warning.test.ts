import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quote, warningLine } from './warning.ts';

test('a warning is one line of ASCII under 256 characters, whatever it is about', () => {
  const long = 'ü\n\u0007'.repeat(200);
  const line = warningLine({ object: long, problem: `is ${quote(long)}`, remedy: 'write it anew' });
  assert.ok(line.length < 256);
  assert.match(line, /^[ -~]+$/);
  assert.ok(line.endsWith('; write it anew'), line);
  assert.equal(warningLine({ object: 'x', problem: 'y'.repeat(400), remedy: 'z' }).length, 255);
});
