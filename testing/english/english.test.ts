import assert from 'node:assert/strict';
import { globSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { type Piece, piecesOfHashComments, piecesOfMarkdown, piecesOfTypeScript } from './pieces.ts';
import { findBadEnglish } from './rules.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

function piecesOf(path: string, source: string): readonly Piece[] {
  if (path.endsWith('.md')) return piecesOfMarkdown(source);
  return path.endsWith('.ts') ? piecesOfTypeScript(source) : piecesOfHashComments(source);
}

function findingsOf(path: string): readonly string[] {
  const source = read(path);
  return findBadEnglish(source, piecesOf(path, source)).map(
    ({ line, phrase, better }) => `${path}:${line} ${JSON.stringify(phrase)}: write ${better}`,
  );
}

const paths = globSync('{*.{md,ts},{docs,*}/**/*.{md,ts}}', { cwd: root })
  .filter((path) => !/^(?:node_modules|dist)\/|\/node_modules\//.test(path))
  .sort();

/** Files with comments after `#`: Dockerfile, Makefile, YAML, settings, and scripts without an extension. */
const hashPaths = globSync(
  ['Dockerfile', 'Makefile', '{examples,manifests}/**/*.{yaml,env}', '{e2e,image}/**/*'],
  // Comments below e2e/images/ and e2e/sdks/ are part of the keys of their caches.
  { cwd: root, exclude: ['e2e/{images,sdks}/**'] },
)
  .filter((path) => !/\.(?!yaml$|env$)\w+$/.test(path) && statSync(new URL(path, root)).isFile())
  .sort();

test('comments, messages and pages keep the rules of English that a program can check', () => {
  assert.ok(paths.length > 500, 'the files are found');
  assert.ok(hashPaths.length > 70, 'the files with # comments are found');
  assert.deepEqual([...paths, ...hashPaths].flatMap(findingsOf), []);
});

for (const [name, pieces] of [
  ['bad', piecesOfTypeScript],
  ['bad.md', piecesOfMarkdown],
  ['bad.yaml', piecesOfHashComments],
] as const) {
  test(`mistakes are found in comments and strings, also of types, and not in code: ${name}`, () => {
    const source = read(`testing/english/testdata/${name}.txt`);
    const found = findBadEnglish(source, pieces(source)).map(({ line, phrase }) => `${line} ${phrase}\n`);
    assert.equal(found.join(''), read(`testing/english/testdata/${name}.expected.txt`));
  });
}
