import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allOf, anyOf, starCondition } from './cel.ts';

/** e2e/cases/policy proves on a real API server that they mean the same as the matcher. */
const CONDITIONS: readonly [string, string][] = [
  ['*', 'true'],
  ['**', 'true'],
  ['a', 's == "a"'],
  ['a*', 's.startsWith("a")'],
  ['a**', 's.startsWith("a")'],
  ['*a', '(size(s) >= 1 && s.endsWith("a"))'],
  ['ab*b', '(size(s) >= 3 && s.startsWith("ab") && s.endsWith("b"))'],
  ['*a*', '(s.matches("(?s)^.*a.*$"))'],
  ['a*b*c', '(s.startsWith("a") && s.endsWith("c") && s.matches("(?s)^a.*b.*c$"))'],
  ['"\\', 's == "\\"\\\\"'],
  ['a*.\\*"', '(s.startsWith("a") && s.endsWith("\\"") && s.matches("(?s)^a.*\\\\.\\\\\\\\.*\\"$"))'],
];

for (const [pattern, condition] of CONDITIONS) {
  test(`starCondition: ${pattern}`, () => {
    assert.equal(starCondition('s', pattern), condition);
  });
}

test('conditions are joined, and simplified if they are always true', () => {
  assert.deepEqual(
    [anyOf([]), anyOf(['a']), anyOf(['a', 'b']), anyOf(['a', 'true']), allOf([]), allOf(['true', 'a'])],
    ['false', '(a)', '(a || b)', 'true', 'true', '(a)'],
  );
});
