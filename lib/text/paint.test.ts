import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { paintDiff, painter } from './paint.ts';

const DIFF = '--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n same\n-old\n+new\n';

test('a diff gets the colors of its lines, and keeps its characters', () => {
  const colored = paintDiff(painter(true), DIFF);
  assert.equal(stripVTControlCharacters(colored), DIFF);
  assert.deepEqual(colored.replaceAll('\x1b', '').split('\n').slice(3), [
    ' same',
    '[31m-old[39m',
    '[32m+new[39m',
    '',
  ]);
  assert.equal(paintDiff(painter(false), DIFF), DIFF);
});
