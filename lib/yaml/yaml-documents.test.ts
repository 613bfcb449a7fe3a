import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertLinear, isOwnSource } from '../../testing/cost/step-count.ts';
import { parseYamlDocuments } from './yaml-documents.ts';

const errorsOf = (text: string) =>
  parseYamlDocuments(text, { merge: true }).flatMap(({ errors }) => errors.map(({ code }) => code));

test('a valid document has no errors', () => {
  for (const text of [
    '',
    'a: 1\nb: {a: 1}\n---\n- a\n- a\n',
    'a: &a {k: 1}\nb: {<<: *a, <<: *a, k: 2}\n',
    '1: a\n"1": b',
  ]) {
    assert.deepEqual(errorsOf(text), [], text);
  }
});

test('a duplicate key is an error at its position', () => {
  const [document] = parseYamlDocuments('a: 1\nb:\n  c: 1\n  "c": 2\n');
  assert.deepEqual(
    document?.errors.map(({ code, pos }) => [code, pos[0]]),
    [['DUPLICATE_KEY', 17]],
  );
  assert.deepEqual(errorsOf('{a: 1, b: {c: 1, c: 2}}'), ['DUPLICATE_KEY']);
  assert.deepEqual(errorsOf('null: 1\n~: 2\n'), ['DUPLICATE_KEY']);
});

const nested = (depth: number) => `${'- '.repeat(depth)}a`;
const chain = (length: number) =>
  Array.from({ length }, (_, at) => `a${at}: &a${at} {${at ? `<<: *a${at - 1}, ` : ''}k${at}: 1}\n`).join('');

test('deep nesting and growth by merges are errors', () => {
  assert.deepEqual(errorsOf(nested(150)), []);
  assert.ok(errorsOf(nested(201)).includes('RESOURCE_EXHAUSTION'));
  assert.ok(errorsOf('['.repeat(201) + ']'.repeat(201)).includes('RESOURCE_EXHAUSTION'));
  assert.ok(errorsOf('{a: '.repeat(50_000)).length > 0);
  assert.deepEqual(errorsOf('- &a x\n- *a\n'.repeat(5_000)), []);
  assert.deepEqual(errorsOf('- &a x\n- *a\n'.repeat(5_001)), ['RESOURCE_EXHAUSTION']);
  assert.deepEqual(errorsOf(chain(100)), []);
  assert.deepEqual(errorsOf(chain(1_000)), ['RESOURCE_EXHAUSTION']);
  assert.deepEqual(
    errorsOf(
      `a: &a {${Array.from({ length: 500 }, (_, at) => `k${at}: 1`).join(', ')}}\nb: {<<: [${'*a, '.repeat(300)}]}\n`,
    ),
    ['RESOURCE_EXHAUSTION'],
  );
});

test('an alias to a node around it is an error, and one to a node before it is not', () => {
  for (const text of [
    'spec: &s\n  containers: [*s]\n',
    '&a [*a]',
    '&a {k: *a}',
    '&a {k: {l: [1, {m: *a}]}}',
    '&a {*a : 1}',
    'a: &a {<<: *a}',
    '- &b [&c [*b]]\n',
  ])
    assert.deepEqual(errorsOf(text), ['RESOURCE_EXHAUSTION'], text);
  assert.deepEqual(errorsOf('- &a [1]\n- *a\n- [*a, {k: *a}]\n---\n- &a x\n- *a\n'), []);
});

test('nesting that overflows the library is reported once, as too deep', () => {
  for (const text of ['['.repeat(20_000), '- '.repeat(3_000), '{a: '.repeat(50_000), '? '.repeat(5_000)]) {
    const [document] = parseYamlDocuments(text);
    assert.deepEqual(
      document?.errors.map(({ message }) => message),
      ['Nested more than 200 levels deep'],
    );
  }
});

/** The library's own work counts too: what is slow there is slow for us. */
const counts = (url: string) => isOwnSource(url) || url.includes('/node_modules/yaml/');

for (const [name, entry] of Object.entries({
  'keys of a mapping': (at: number) => `k${at}: 1\n`,
  'the same key': () => 'k: 1\n',
  documents: () => '---\na: 1\n',
  'items that are mappings': () => '- a: 1\n',
  anchors: (at: number) => `- &a${at} x\n`,
  comments: () => '# a\n',
})) {
  test(`the steps grow with the text: ${name}`, async () => {
    await assertLinear(
      (size) => {
        const text = Array.from({ length: size }, (_, at) => entry(at)).join('');
        return () => parseYamlDocuments(text, { merge: true });
      },
      { size: 200, counts },
    );
  });
}
