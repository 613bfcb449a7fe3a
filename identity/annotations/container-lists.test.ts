import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseContainerList, parseSkipContainers } from './container-lists.ts';

test('skip-containers is one CSV record as Go reads it', () => {
  const quotes = 'skips nothing, because its quotes are not around whole names';
  const lines = 'has several lines, and only the first one counts';
  const cases: [text: string, names: string[], problem?: string][] = [
    ['', []],
    ['a', ['a']],
    ['a,b', ['a', 'b']],
    ['a, b', ['a', ' b']],
    ['a,,b', ['a', '', 'b']],
    ['"a",b', ['a', 'b']],
    ['a"b,c', [], quotes],
    ['"a,b', [], quotes],
    ['\n\na,b\nc', ['a', 'b'], lines],
    ['a,b\r\n \n', ['a', 'b']],
  ];
  for (const [text, names, problem] of cases) {
    const expected = problem === undefined ? { names } : { names, problem };
    assert.deepEqual(parseSkipContainers(text), expected, JSON.stringify(text));
  }
});

test('include-containers ignores white space', () => {
  assert.deepEqual(parseContainerList(' a, b\n,,c '), ['a', 'b', 'c']);
  assert.deepEqual(parseContainerList(''), []);
});
