import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placesIn } from '../text/place-in-text.ts';
import { parseYamlDocuments } from './yaml-documents.ts';
import { yamlFault } from './yaml-fault.ts';

const BROKEN: readonly (readonly [text: string, said: RegExp])[] = [
  ['a: 1\nb: [1,\n', /^is not valid YAML in line \d, column \d+: .+; fix the YAML there$/],
  ['a: 1\na: 2\n', /^is not valid YAML in line 2, column 1: map keys must be unique; keep one of the two$/],
  ['a:\n\tb: 1\n', /^is not valid YAML in line 2, column 1: tabs are not allowed .*; indent with spaces$/],
  ['a: "x\n', /^is not valid YAML in line \d, column \d+: missing closing "quote; fix the YAML there$/],
];
for (const [text, said] of BROKEN) {
  test(`${JSON.stringify(text)} is refused with line and column`, () => {
    const [error] = parseYamlDocuments(text).flatMap(({ errors }) => errors);
    assert.ok(error);
    const { problem, remedy } = yamlFault(error, placesIn(text));
    assert.match(`${problem}; ${remedy}`, said);
  });
}

test('places count lines and columns from 1', () => {
  const placeOf = placesIn('ab\n\ncd');
  assert.deepEqual(
    [0, 2, 3, 4, 5].map((offset) => placeOf(offset)),
    [
      { line: 1, column: 1 },
      { line: 1, column: 3 },
      { line: 2, column: 1 },
      { line: 3, column: 1 },
      { line: 3, column: 2 },
    ],
  );
});
