import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertLinear, countSteps } from '../../testing/cost/step-count.ts';
import { globMatches, SEGMENTS_MAX_LENGTH, segmentsMatch, starMatches } from './glob.ts';

const table: readonly (readonly [string, string, boolean])[] = [
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['**', 'a/b', true],
  ['a*b*c', 'abc', true],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'a-b', false],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['?*', '', false],
  ['*ab', 'aab', true],
  ['[a]', 'a', false],
];
for (const [pattern, text, expected] of table) {
  test(`${pattern} on ${text}: ${expected}`, () => assert.equal(globMatches(pattern, text), expected));
}

const segments: readonly (readonly [string, string, boolean])[] = [
  ['shop/*', 'shop/web', true],
  ['*/web', 'shop/web', true],
  ['*', 'shop/web', false],
  ['*/*', 'shop/web', true],
  ['sh*/w*b', 'shop/web', true],
  ['sh*b', 'shop/web', false],
  ['shop/we?', 'shop/web', false],
  ['shop/w.b', 'shop/web', false],
  ['shop/web', 'shop/web/x', false],
];
for (const [pattern, text, expected] of segments) {
  test(`${pattern} on the segments of ${text}: ${expected}`, () => {
    assert.equal(segmentsMatch(pattern, text), expected);
  });
}

const word = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?'), maxLength: 7 });
const plain = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 9 });
/** The same by a regular expression: these texts are short. */
const expressionOf = (pattern: string, star: string, one: string) =>
  new RegExp(`^${[...pattern].map((sign) => (sign === '*' ? star : sign === '?' ? one : sign)).join('')}$`);

test('property: as a regular expression would', () => {
  fc.assert(
    fc.property(word, plain, (pattern, text) => {
      assert.equal(globMatches(pattern, text), expressionOf(pattern, '.*', '.').test(text));
      assert.equal(starMatches(pattern, text), expressionOf(pattern, '.*', '[?]').test(text));
      assert.equal(segmentsMatch(pattern, text), expressionOf(pattern, '[^/]*', '[?]').test(text));
    }),
    { numRuns: 2_000 },
  );
});

test('a pattern of many stars takes linear time on a long text that it almost matches', async () => {
  for (const pattern of ['*a*a*a*a*ab', '*?*?*?b', '*'.repeat(50)]) {
    await assertLinear((size) => {
      const text = 'a'.repeat(size);
      return () => globMatches(pattern, text);
    });
  }
});

test('starMatches takes few steps of its own, however nearly a long part matches', async () => {
  for (const pattern of [`*${'a'.repeat(250)}b`, `*b${'a'.repeat(250)}*`, `${'*a'.repeat(250)}b`]) {
    const { total } = await countSteps(() => starMatches(pattern, `${'a'.repeat(500)}c`));
    assert.ok(total < 5_000, `${pattern.slice(0, 5)}: ${total} steps`);
  }
});

test('the worst pattern and text of the longest length take a bounded number of steps', async () => {
  const half = (SEGMENTS_MAX_LENGTH - 1) / 2;
  for (const stars of [1, 5, 20, half / 2]) {
    const run = 'a'.repeat(half - stars - 1);
    const pattern = `x/${'*a'.repeat(stars)}${run.slice(stars)}b`.slice(0, SEGMENTS_MAX_LENGTH);
    const { total } = await countSteps(() => segmentsMatch(pattern, `x/${'a'.repeat(315)}`));
    assert.ok(total < SEGMENTS_MAX_LENGTH ** 2, `${stars} stars: ${total} steps`);
  }
});

test('longer strings match nothing', () => {
  assert.equal(segmentsMatch('*/*', `a/${'a'.repeat(SEGMENTS_MAX_LENGTH - 2)}`), true);
  assert.equal(segmentsMatch('*/*', `a/${'a'.repeat(SEGMENTS_MAX_LENGTH - 1)}`), false);
  assert.equal(segmentsMatch(`*/${'*'.repeat(SEGMENTS_MAX_LENGTH - 1)}`, 'a/a'), false);
});
