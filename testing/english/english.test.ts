import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { piecesOfMarkdown, piecesOfTypeScript } from './pieces.ts';
import { findBadEnglish } from './rules.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

function findingsOf(path: string): readonly string[] {
  const source = read(path);
  const pieces = path.endsWith('.md') ? piecesOfMarkdown(source) : piecesOfTypeScript(source);
  return findBadEnglish(source, pieces).map(
    ({ line, phrase, better }) => `${path}:${line} ${JSON.stringify(phrase)}: write ${better}`,
  );
}

const paths = globSync('{*.{md,ts},{docs,*}/**/*.{md,ts}}', { cwd: root })
  .filter((path) => !/^(?:node_modules|dist)\/|\/node_modules\//.test(path))
  .sort();

test('comments, messages and pages keep the rules of English that a program can check', () => {
  assert.ok(paths.length > 500, 'the files are found');
  assert.deepEqual(paths.flatMap(findingsOf), []);
});

for (const [name, pieces] of [
  ['bad', piecesOfTypeScript],
  ['bad.md', piecesOfMarkdown],
] as const) {
  test(`mistakes are found in comments and strings, also of types, and not in code: ${name}`, () => {
    const source = read(`testing/english/testdata/${name}.txt`);
    const found = findBadEnglish(source, pieces(source)).map(({ line, phrase }) => `${line} ${phrase}\n`);
    assert.equal(found.join(''), read(`testing/english/testdata/${name}.expected.txt`));
  });
}
