import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertLinear } from '../../testing/cost/step-count.ts';
import { findJsonFault } from './json-fault.ts';
import { parseJson } from './parse-json.ts';

const BROKEN: readonly (readonly [text: string, message: string])[] = [
  ['', 'is not JSON: it ends in line 1, and a value is missing'],
  ['{\n  "a": 1,\n}', 'is not JSON: line 3, column 1 must have a name in double quotes'],
  ["{'a': 1}", 'is not JSON: line 1, column 2 must have a name in double quotes'],
  ['{"a" 1}', 'is not JSON: line 1, column 5 must have a colon'],
  ['{"a": 1 "b": 2}', 'is not JSON: line 1, column 9 must have a comma or }'],
  ['[1, 2', 'is not JSON: it ends in line 1, and a comma or ] is missing'],
  ['[1,]', 'is not JSON: line 1, column 4 must have a value'],
  ['{"a": secret-token}', 'is not JSON: line 1, column 7 must have a value'],
  ['{} {}', 'is not JSON: line 1, column 4 must have the end'],
  ['"a\nb"', 'is not JSON: line 1, column 3 must have the " that ends the string'],
  ['"a\\x"', 'is not JSON: line 1, column 3 must have an escape of JSON, such as \\n or \\u000a'],
  ['[01]', 'is not JSON: line 1, column 3 must have a comma or ]'],
  ['a: 1\n', 'is not JSON: line 1, column 1 must have a value'],
];
for (const [text, message] of BROKEN) {
  test(`${JSON.stringify(text)} is refused with its place, and is not quoted`, () => {
    assert.throws(() => parseJson(text), { name: 'JsonSyntaxError', message });
  });
}

test('the place is where JSON ends to be JSON, for any text', () => {
  const piece = fc.constantFrom(...'{}[]:,"\\ \n1-0.eu', 'true', 'null', '"a"', '\\u0041');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join('');
      const { offset } = findJsonFault(text);
      const isJson = () => {
        try {
          JSON.parse(text);
          return true;
        } catch {
          return false;
        }
      };
      if (isJson()) assert.equal(offset, text.length);
      else assert.throws(() => parseJson(text), /^JsonSyntaxError: is not JSON: /);
    }),
    { numRuns: 2_000 },
  );
  fc.assert(fc.property(fc.json(), (text) => assert.equal(findJsonFault(text).offset, text.length)));
});

test('the search takes linear time', async () => {
  for (const [part, end] of [
    ['[', ''],
    ['{"a":', ''],
    ['1,', ''],
    ['x', ''],
  ] as const)
    await assertLinear((size) => () => findJsonFault(`[${part.repeat(size)}${end}`));
});
