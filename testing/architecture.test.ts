import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

/** Rooms that a room may import from, besides itself. ARCHITECTURE.md shows them. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  kubernetes: ['lib'],
  identity: ['lib'],
  pods: ['lib', 'identity'],
  webhook: ['lib', 'kubernetes', 'identity', 'pods'],
  oidc: ['lib', 'kubernetes'],
  sts: ['lib', 'oidc'],
  credentials: ['lib'],
  metadata: ['lib', 'credentials'],
  redirect: ['lib'],
  sidecar: ['lib', 'credentials', 'metadata'],
  bind: ['lib', 'kubernetes', 'oidc', 'sts'],
  inject: ['lib', 'kubernetes', 'identity', 'pods', 'webhook'],
  image: ['lib'],
  cli: [
    'lib',
    'kubernetes',
    'identity',
    'pods',
    'webhook',
    'oidc',
    'sts',
    'bind',
    'redirect',
    'sidecar',
    'inject',
  ],
};

const read = (path: string) => ({ path, content: readFileSync(path, 'utf8') });
const sources = Object.keys(MAY_IMPORT)
  .flatMap((room) => globSync(`${room}/**/*.ts`))
  .map(read);
const outside = ['testing', 'examples', 'bench', 'e2e']
  .flatMap((folder) => globSync(`${folder}/**/*.ts`))
  .map(read);
const shipped = sources.filter(({ path }) => !path.endsWith('.test.ts'));

test('imports point one way', () => {
  for (const { path, content } of shipped) {
    const room = path.split('/')[0] ?? '';
    for (const [, target] of content.matchAll(/(?:from|import\() ?'((?:\.\.?\/)[^']+)'/g)) {
      const imported = new URL(target ?? '', `file:///${path}`).pathname.split('/')[1] ?? '';
      const allowed =
        imported === room || /^package(-lock)?\.json$/.test(imported) || MAY_IMPORT[room]?.includes(imported);
      assert.ok(
        allowed,
        `${path} imports ${target}: ${room} may import ${MAY_IMPORT[room]?.join(', ') || 'nothing'}`,
      );
    }
  }
});

test('servers are made in one place, which limits what their clients may take', () => {
  for (const { path, content } of shipped) {
    if (path === 'lib/http/web-server.ts') continue;
    for (const [statement] of content.matchAll(/import [^;]* from 'node:(?:https?|net|tls)';/g)) {
      assert.ok(!statement.includes('createServer'), `${path} makes a server of its own`);
    }
  }
});

test('every exported value is used outside its file', () => {
  for (const { path, content } of shipped) {
    for (const [, name] of content.matchAll(/^export (?:async )?(?:const|function\*?|class) (\w+)/gm)) {
      const use = new RegExp(`\\b${name}\\b`);
      const used = [...sources, ...outside].some((other) => other.path !== path && use.test(other.content));
      assert.ok(used, `${path} exports ${name}, which nothing else uses`);
    }
  }
});

test('no file grows beyond 300 lines', () => {
  for (const { path, content } of sources) {
    assert.ok(content.split('\n').length <= 301, `${path} is too long to be about one thing`);
  }
});
