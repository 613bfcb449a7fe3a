import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { findCircles } from './circles.ts';
import { readSource, type SourceFile } from './imports.ts';
import { MAY_IMPORT, PRODUCT_ROOMS } from './rooms.ts';

const sources = globSync('*/**/*.ts', { exclude: ['node_modules/**', 'dist/**'] })
  .sort()
  .map((path) => readSource(path, readFileSync(path, 'utf8')));
const isTest = ({ path }: { readonly path: string }) => path.endsWith('.test.ts');
const roomOf = ({ path }: { readonly path: string }) => path.split('/')[0] ?? '';
const inProduct = (source: SourceFile) =>
  PRODUCT_ROOMS.includes(roomOf(source)) || roomOf(source) === 'image';
const shipped = sources.filter((source) => inProduct(source) && !isTest(source));

test('every folder with sources is a room', () => {
  assert.deepEqual(
    [...new Set(sources.map(roomOf))].filter((room) => !(room in MAY_IMPORT)),
    [],
  );
});

test('imports point one way', () => {
  const wrong = sources
    .filter((source) => !isTest(source))
    .flatMap((source) => {
      const allowed = new Set([roomOf(source), ...(MAY_IMPORT[roomOf(source)] ?? [])]);
      return source.imports
        .filter((each) => each.path.includes('/') && !allowed.has(roomOf(each)))
        .map(({ path, line }) => `${source.path}:${line} imports ${path}`);
    });
  assert.deepEqual(wrong, [], 'each room may import what MAY_IMPORT says');
});

test('nothing imports a test, and tests of the product do without the end-to-end tests', () => {
  const wrong = sources.flatMap((source) =>
    source.imports
      .filter((each) => isTest(each) || (roomOf(each) === 'e2e' && roomOf(source) !== 'e2e'))
      .map(({ path, line }) => `${source.path}:${line} imports ${path}`),
  );
  assert.deepEqual(wrong, []);
});

test('no files import each other in a circle, types included', () => {
  const edges = new Map(sources.map(({ path, imports }) => [path, imports.map((each) => each.path)]));
  assert.deepEqual(findCircles(edges), []);
});

test('the folders of a room import each other one way', () => {
  const folderOf = (path: string) => path.split('/').slice(0, 2).join('/');
  const edges = new Map<string, string[]>();
  for (const { path, imports } of shipped) {
    if (path.split('/').length < 3) continue;
    const targets = imports
      .map((each) => each.path)
      .filter((target) => target.split('/').length > 2 && roomOf({ path: target }) === roomOf({ path }))
      .map(folderOf)
      .filter((folder) => folder !== folderOf(path));
    edges.set(folderOf(path), [...(edges.get(folderOf(path)) ?? []), ...targets]);
  }
  assert.deepEqual(findCircles(edges), []);
});

test('servers are made in one place, which limits what their clients may take', () => {
  const wrong = shipped
    .filter(({ path }) => path !== 'lib/http/web-server.ts')
    .filter(({ packages }) =>
      packages.some(
        ({ path, names }) => /^node:(https?|net|tls)$/.test(path) && names.includes('createServer'),
      ),
    );
  assert.deepEqual(
    wrong.map(({ path }) => path),
    [],
  );
});

test('every exported value is imported by another file', () => {
  const used = new Set(
    sources.flatMap(({ imports }) =>
      imports.flatMap(({ path, names }) => names.map((name) => `${path} ${name}`)),
    ),
  );
  const unused = sources.flatMap(({ path, exports }) =>
    used.has(`${path} *`)
      ? []
      : exports.filter((name) => !used.has(`${path} ${name}`)).map((name) => `${path} ${name}`),
  );
  assert.deepEqual(unused, []);
});

test('no file grows beyond 300 lines', () => {
  assert.deepEqual(
    sources.filter(({ lines }) => lines > 300).map(({ path, lines }) => `${path}: ${lines} lines`),
    [],
  );
});

test('every room says in ten lines what it is for', () => {
  // The README of docs/ is for users.
  for (const room of Object.keys(MAY_IMPORT).filter((name) => name !== 'docs')) {
    const readme = readFileSync(`${room}/README.md`, 'utf8').trim();
    assert.ok(readme.split('\n').length <= 10, `${room}/README.md has more than ten lines`);
  }
});
