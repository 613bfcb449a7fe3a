import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PodroleError } from '../errors.ts';
import { printable } from './printable.ts';

const CASES: readonly (readonly [what: string, text: string, printed: string])[] = [
  ['ordinary text of any script', 'role "web" für 東京', 'role "web" für 東京'],
  ['an escape sequence', '\u001b[31mred', '\\u001b[31mred'],
  ['a C1 control character', '\u009b31m', '\\u009b31m'],
  ['a forged line', 'x\nerror: forged', 'x error: forged'],
  ['a line break with an indent', 'a: [1\r\n     ^\n', 'a: [1 ^ '],
  ['a tab', 'a\tb', 'a\\u0009b'],
  ['text from right to left', 'a\u202eb', 'a\\u202eb'],
  ['a mark from right to left', 'a\u200fb\u061c', 'a\\u200fb\\u061c'],
  ['a zero-width space', 'role/web\u200b', 'role/web\\u200b'],
  ['a no-break space', 'role/web\u00a0', 'role/web\\u00a0'],
  ['an invisible tag', 'a\u{e0041}', 'a\\u{e0041}'],
];

for (const [what, text, printed] of CASES) {
  test(`${what} is printed as one harmless line`, () => {
    assert.equal(printable(text), printed);
  });
}

test('nothing that is printed has a character that a terminal obeys', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.doesNotMatch(printable(text), /[\p{Cc}\p{Cf}]/u);
    }),
  );
});

test('an error quotes a server or a tenant in one harmless line', () => {
  const fault = {
    code: 'INVALID_BINDING',
    object: 'ServiceAccount shop/\u001b[2Jweb',
    problem: 'has "x\nerror: forged"',
    remedy: 'correct it',
  } as const;
  assert.equal(
    new PodroleError(fault).message,
    'ServiceAccount shop/\\u001b[2Jweb: has "x error: forged"; correct it',
  );
});
