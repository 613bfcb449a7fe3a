import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { starMatches } from '../../lib/text/glob.ts';
import { assertLinear } from '../../testing/cost/step-count.ts';
import { judgeAllowedRoles } from '../rules/allowed-roles.ts';
import { expressionMatches } from './expression.ts';

const ROLE = 'arn:aws:iam::111122223333:role/shop-web';
const ALLOWED = 'iam.amazonaws.com/allowed-roles';
const USE = { namespace: 'shop', serviceAccount: 'web', given: ROLE, roleArn: ROLE, namedBy: 'pod' } as const;

test('a glob means the same as its translation to an expression', () => {
  const character = fc.constantFrom('a', 'b', '*', '.', '/', '?', '[', '(', '\\', '$');
  const text = fc.string({ unit: character, maxLength: 12 });
  fc.assert(
    fc.property(text, text, (pattern, subject) => {
      const expression = pattern.split('*').map(RE2JS.quote).join('.*');
      assert.equal(starMatches(pattern, subject), expressionMatches(expression, [subject], 'whole').matches);
    }),
    { numRuns: 2_000 },
  );
});

/** Expressions that could take time or memory, each with the reason for which it is refused. */
const HOSTILE: readonly [string, RegExp][] = [
  ['a'.repeat(1_025), /longer than 1024 characters/],
  ['a{1000}{1000}', /RE2 \(invalid nested repetition/],
  ['(a{1000}){2}', /RE2 \(invalid repeat count/],
  ['(a?){1000}', /too many or too large counts/],
  ['(?:(?:(?:a{10}){10}){10}){2}', /too many or too large counts/],
  ['a{100}'.repeat(100), /too many or too large counts/],
  ['x{0,999999999999}', /too many or too large counts|invalid repeat/],
  ['('.repeat(1_000), /RE2 \(/],
  ['(?:'.repeat(341), /RE2 \(/],
  ['\\C', /RE2 \(invalid escape sequence/],
  ['(a)\\1', /RE2 \(invalid escape sequence/],
  ['(?<=a)b', /RE2 \(/],
  ['(?=a)b', /RE2 \(/],
  ['[z-a]', /RE2 \(/],
  ['\\pL'.repeat(5), /more than 4 classes or characters beyond ASCII/],
  ['(?i)[B-\\x{1E900}]'.repeat(5), /beyond ASCII/],
  [`(?i)${'[B-𞤀]'.repeat(5)}`, /beyond ASCII/],
  ['[^\\P{Greek}]'.repeat(5), /beyond ASCII/],
];

for (const [expression, problem] of HOSTILE) {
  test(`refused: ${expression.slice(0, 30)}`, () => {
    const answer = expressionMatches(expression, [ROLE], 'part');
    assert.equal(answer.matches, false);
    assert.match(answer.problem ?? '', problem);
  });
}

test('expressions that take exponential time elsewhere are answered', () => {
  const text = `${'a'.repeat(1_000)}!`;
  for (const expression of ['(a+)+$', '(a|a)*$', '(a|aa)+$', '(.*)*b', '(?:a?){40}a{40}b', '(x+x+)+y']) {
    const answer = expressionMatches(expression, [text], 'whole');
    assert.deepEqual([answer.matches, answer.problem], [false, undefined], expression);
  }
});

for (const expression of ['(a?){60}b', '(?:.*a){60}b', '(?:[ab]*a[ab]{100}b)']) {
  test(`linear in the length of the role: ${expression}`, async () => {
    await assertLinear(
      (size) => {
        const text = 'a'.repeat(size);
        return () => expressionMatches(expression, [text], 'part');
      },
      { size: 120, counts: (url) => url.includes('re2js') },
    );
  });
}

test('many expressions of one rule are refused as a whole', () => {
  const value = JSON.stringify(Array.from({ length: 60 }, (_, at) => `(a?){60}${at}`));
  const verdict = judgeAllowedRoles(USE, {
    namespace: { name: 'shop', annotations: { [ALLOWED]: value } },
    format: 'regexp',
    baseRoleArn: 'arn:aws:iam::111122223333:role/',
  });
  assert.ok(typeof verdict === 'object');
  assert.match(verdict.problem, /together take too long/);
});

test('a large expression on a long role is refused', () => {
  const answer = expressionMatches(
    '[!-~]{900}',
    [`arn:aws:iam::111122223333:role/${'a'.repeat(700)}`],
    'part',
  );
  assert.match(answer.problem ?? '', /takes too long for a role of this length/);
});

test('expressions beyond ASCII of one rule are refused as a whole, before all are compiled', () => {
  const patterns = Array.from({ length: 1_000 }, (_, at) => `(?i)[B-𞤀]${at}`);
  const rule = { namespace: { name: 'shop', annotations: { [ALLOWED]: JSON.stringify(patterns) } } };
  const verdict = judgeAllowedRoles(USE, { ...rule, format: 'regexp', baseRoleArn: undefined });
  assert.ok(typeof verdict === 'object');
  assert.match(verdict.problem, /together take too long/);
});
