import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCircles } from './circles.ts';
import { readSource } from './imports.ts';

const circlesOf = (edges: Readonly<Record<string, readonly string[]>>) =>
  findCircles(new Map(Object.entries(edges)));

test('a graph whose edges all lead down has no circle', () => {
  assert.deepEqual(circlesOf({ a: ['b', 'c'], b: ['c'], c: [] }), []);
});

test('circles are found whole, each once', () => {
  assert.deepEqual(circlesOf({ a: ['b'], b: ['c'], c: ['a', 'd'], d: ['e'], e: ['d'] }), [
    ['d', 'e'],
    ['a', 'b', 'c'],
  ]);
  assert.deepEqual(circlesOf({ a: ['a'] }), [['a']]);
});

test('imports are read in every form, words in comments and strings are not', () => {
  const source = readSource(
    'room/file.ts',
    `import { type A, b as c } from '../lib/one.ts';
import type { D } from './two.ts';
import * as e from './three.ts';
import f from './four.ts';
import { readFile } from 'node:fs/promises';
export { g } from './five.ts';
type H = import('./six.ts').H;
const { i } = await import('./seven.ts');
const j = (await import('./eight.ts')).j;
const k = await Promise.all([import('./nine.ts')]);
// import { l } from './comment.ts';
const m = "import { n } from './string.ts'";
export const o = 1, p = 2;
export function q() {}
export interface R {}
export type { A as S };
`,
  );
  assert.deepEqual(
    source.imports.map(({ path, names }) => [path, ...names]),
    [
      ['lib/one.ts', 'A', 'b'],
      ['room/two.ts', 'D'],
      ['room/three.ts', '*'],
      ['room/four.ts', 'default'],
      ['room/five.ts', 'g'],
      ['room/six.ts', 'H'],
      ['room/seven.ts', 'i'],
      ['room/eight.ts', 'j'],
      ['room/nine.ts', '*'],
    ],
  );
  assert.deepEqual(
    source.packages.map(({ path, names }) => [path, ...names]),
    [['node:fs/promises', 'readFile']],
  );
  assert.deepEqual(source.exports, ['g', 'o', 'p', 'q']);
});
