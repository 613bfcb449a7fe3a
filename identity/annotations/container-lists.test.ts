import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseContainerList, parseSkipContainers } from './container-lists.ts';

test('skip-containers is one CSV record as Go reads it', () => {
  const cases: [text: string, names: string[]][] = [
    ['', []],
    ['a', ['a']],
    ['a,b', ['a', 'b']],
    ['a, b', ['a', ' b']],
    ['a,,b', ['a', '', 'b']],
    ['"a",b', ['a', 'b']],
    ['a"b,c', []],
    ['"a,b', []],
    ['\n\na,b\nc', ['a', 'b']],
  ];
  for (const [text, names] of cases) assert.deepEqual(parseSkipContainers(text), names, JSON.stringify(text));
});

test('include-containers ignores white space', () => {
  assert.deepEqual(parseContainerList(' a, b\n,,c '), ['a', 'b', 'c']);
  assert.deepEqual(parseContainerList(''), []);
});
