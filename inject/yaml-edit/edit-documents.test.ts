import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { DocumentNotEditable, editDocuments } from './edit-documents.ts';
import { customTags } from './verbatim.ts';

const READING = { keepSourceTokens: true, merge: true, customTags } as const;

/** Edits YAML with only the editor, without the rules of a manifest. */
function edit(text: string, ...values: readonly unknown[]): string {
  const parsed = [...parseAllDocuments(text, READING)].map((document) => ({
    parsed: document,
    value: document.toJS(),
  }));
  const readAgain = (edited: string) => [...parseAllDocuments(edited, READING)].map((one) => one.toJS());
  return editDocuments({ text, documents: parsed, values, readAgain });
}

const CASES: readonly (readonly [name: string, before: string, values: readonly unknown[], after: string])[] =
  [
    ['a value', 'a: 1 # one\nb: "x"\n', [{ a: 1, b: 'y' }], 'a: 1 # one\nb: "y"\n'],
    ['a member that is added', 'a: 1\n# end\n', [{ a: 1, b: { c: 2 } }], 'a: 1\nb:\n  c: 2\n# end\n'],
    ['a member that is removed', 'a: 1\nb: 2\nc: 3\n', [{ a: 1, c: 3 }], 'a: 1\nc: 3\n'],
    ['an item in flow style', 'a: [x, z]\n', [{ a: ['x', 'w', 'z'] }], 'a: [x, w, z]\n'],
    ['JSON', '{"a":1}', [{ a: 1, b: ['x'] }], '{"a":1,"b":["x"]}'],
    ['the second document', 'a: 1\n---\nb: 2\n', [{ a: 1 }, { b: 3 }], 'a: 1\n---\nb: 3\n'],
    ['an alias', 'a: &x { k: 1 }\nb: *x\n', [{ a: { k: 1 }, b: { k: 2 } }], 'a: &x { k: 1 }\nb:\n  k: 2\n'],
  ];
for (const [name, before, values, after] of CASES) {
  test(`edits ${name}`, () => assert.equal(edit(before, ...values), after));
}

test('a document that cannot be changed in place is named by its index', () => {
  assert.throws(
    () => edit('a: 1\n---\n- - x\n', { a: 1 }, [[]]),
    (thrown) => thrown instanceof DocumentNotEditable && thrown.at === 1,
  );
});

test('the editor imports nothing of podrole but lib', () => {
  for (const path of globSync('inject/yaml-edit/*.ts').filter((file) => !file.endsWith('.test.ts'))) {
    for (const [, target = ''] of readFileSync(path, 'utf8').matchAll(/from '(\.\.\/[^']+)'/g)) {
      assert.match(target, /^\.\.\/\.\.\/lib\//, path);
    }
  }
});
