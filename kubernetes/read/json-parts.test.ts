import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Parts, parseElements, parseParts } from './json-parts.ts';

const parse = (json: string, parts: Parts) => parseParts(Buffer.from(json), parts);
const elements = (json: string, parts: true | Parts = true) => [
  ...parseElements(Buffer.from(json), 'items', parts),
];

test('exactly the wanted parts of any object are read, however it is written', () => {
  const members = fc.dictionary(fc.constantFrom('a', 'b', 'metadata', 'é"\\', '\u2028'), fc.jsonValue());
  const object = fc.record({ metadata: members, before: members, after: fc.jsonValue() });
  fc.assert(
    fc.property(object, fc.constantFrom(undefined, 1, '\t'), ({ metadata, before, after }, space) => {
      const json = JSON.stringify({ before, metadata, after }, undefined, space);
      const parts: Parts = { metadata: { a: true, 'é"\\': true }, after: true };
      const wanted = Object.entries(metadata).filter(([key]) => key === 'a' || key === 'é"\\');
      // As JSON has it: -0 is 0 there.
      const expected = JSON.parse(JSON.stringify({ metadata: Object.fromEntries(wanted), after }));
      assert.deepEqual(parse(json, parts), expected);
    }),
  );
});

test('each element of any list is read, as a whole or in parts', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.jsonValue(), (items, other) => {
      const json = JSON.stringify({ other, items, after: other });
      assert.deepEqual(elements(json), JSON.parse(json).items);
    }),
  );
  assert.deepEqual(elements('{"items":[{"a":1,"b":2},{"b":3},null]}', { a: true }), [{ a: 1 }, {}, null]);
  for (const none of ['{}', '{"items":null}', '{"items":{}}', '{"items":[]}', '[]', 'null']) {
    assert.deepEqual(elements(none), [], none);
  }
});

test('a member that is not an object is read as it is, and names of members may be escaped', () => {
  const parts: Parts = { a: { b: true } };
  assert.deepEqual(parse('{"a":[1]}', parts), { a: [1] });
  assert.deepEqual(parse('{"a":null}', parts), { a: null });
  assert.deepEqual(parse('{"\\u0061":{"\\u0062":"\\\\\\""}}', parts), { a: { b: '\\"' } });
  assert.deepEqual(parse('{"__proto__":{"b":1},"constructor":1}', parts), {});
});

test('malformed JSON is an error', () => {
  const texts = [
    '',
    '{',
    '{"a"',
    '{"a":',
    '{"a":}',
    '{"a":1',
    '{"a":1 "b":2}',
    '{"a":"x',
    '{a:1}',
    '{"a" 1}',
    '{"a":[[}',
    '{"z":[1,{"y":"',
    '{"a":nul}',
    'x',
  ];
  for (const text of texts) assert.throws(() => parse(text, { a: true }), SyntaxError, text);
  assert.throws(() => elements('{"items":[1,2'), SyntaxError);
  assert.throws(() => elements('{"items":[1 2]}'), SyntaxError);
});

test('a value nested as deep as it is long can be skipped', () => {
  const deep = `${'[{"x":'.repeat(500_000)}1${'}]'.repeat(500_000)}`;
  assert.deepEqual(parse(`{"fieldsV1":${deep},"a":1}`, { a: true }), { a: 1 });
});
