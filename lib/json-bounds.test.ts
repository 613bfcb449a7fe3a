import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonExcess } from './json-bounds.ts';

const of = (text: string) => jsonExcess(Buffer.from(text));

test('a text with more values, or deeper ones, than are worth its memory is found before it is parsed', () => {
  const cases: [name: string, text: string, expected: string | undefined][] = [
    ['199,999 objects in a list', `[${'{},'.repeat(99_998)}{}]`, undefined],
    ['objects', `[${'{},'.repeat(200_000)}{}]`, 'has more than 200000 values'],
    ['lists', `[${'[],'.repeat(200_000)}[]]`, 'has more than 200000 values'],
    ['numbers', `[${'1,'.repeat(200_000)}1]`, 'has more than 200000 values'],
    ['keys', `{${'"":1,'.repeat(200_000)}"":1}`, 'has more than 200000 values'],
    ['as deep as may be', `${'['.repeat(200)}${']'.repeat(200)}`, undefined],
    ['lists in lists', '['.repeat(1_000_000), 'is nested deeper than 200 levels'],
    ['objects in objects', '{"a":'.repeat(1_000_000), 'is nested deeper than 200 levels'],
    ['a string of what would be values', JSON.stringify('{[,'.repeat(1_000_000)), undefined],
    ['quotes and backslashes in a string', JSON.stringify('\\"[,'.repeat(1_000_000)), undefined],
    ['a string that does not end', `"${'[,'.repeat(1_000_000)}`, undefined],
    ['nothing', '', undefined],
    ['closing brackets', ']'.repeat(1_000), undefined],
  ];
  for (const [name, text, expected] of cases) assert.equal(of(text), expected, name);
});

test('what is JSON of a usual size is never found', () => {
  fc.assert(fc.property(fc.json({ maxDepth: 50 }), (text) => assert.equal(of(text), undefined)));
});
