import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { renderForPrograms } from './for-programs.ts';

const twice = { a: 1 };

const RESULTS: readonly (readonly [name: string, result: unknown])[] = [
  ['nested', { list: [1, 'two', null], object: { empty: {} } }],
  ['the same object twice, without an alias', { first: twice, second: twice }],
  ['strings that YAML would read as something else', ['no', '1', '2012-10-17', '', 'a: b', '# c', 'd\ne']],
  ['a long line', { text: 'word '.repeat(100) }],
  ['an empty list', []],
];

for (const [name, result] of RESULTS) {
  test(`JSON and YAML mean the same: ${name}`, () => {
    assert.deepEqual(JSON.parse(renderForPrograms(result, 'json')), result);
    const yaml = renderForPrograms(result, 'yaml');
    assert.deepEqual(parse(yaml), result);
    assert.doesNotMatch(yaml, /[&*]a\d/);
    assert.ok(yaml.endsWith('\n'));
  });
}

test('both leave out undefined members and write dates as JSON does', () => {
  const result = { gone: undefined, at: new Date(0) };
  assert.equal(renderForPrograms(result, 'yaml'), 'at: 1970-01-01T00:00:00.000Z\n');
});
