import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { codeOf } from '../errors.ts';
import { makeFolder } from './make-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-folder-'));
after(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);
const modeOf = (path: string) => statSync(path).mode & 0o777;

test('new folders have the mode whatever the umask is, and one that exists keeps its own', async () => {
  mkdirSync(at('mine'), { mode: 0o700 });
  const before = process.umask(0o077);
  try {
    await makeFolder(at('mine', 'a', 'b'), 0o755);
  } finally {
    process.umask(before);
  }
  assert.deepEqual([at('mine'), at('mine', 'a'), at('mine', 'a', 'b')].map(modeOf), [0o700, 0o755, 0o755]);
  await makeFolder(at('mine', 'a'), 0o700);
  assert.equal(modeOf(at('mine', 'a')), 0o755);
});

test('two at the same time both succeed', async () => {
  await Promise.all([1, 2, 3].map(() => makeFolder(at('same', 'a', 'b'), 0o755)));
  assert.equal(modeOf(at('same', 'a', 'b')), 0o755);
});

writeFileSync(at('file'), '');
symlinkSync(at('nowhere'), at('dangling'));
const refused: readonly (readonly [path: string, code: string])[] = [
  ['/proc/x', 'ENOENT'],
  ['/proc/x/y/z', 'ENOENT'],
  ['/proc/self/fd/x', 'ENOENT'],
  ['/dev/full', 'ENOTDIR'],
  ['/dev/full/x', 'ENOTDIR'],
  [at('file'), 'ENOTDIR'],
  [at('file', 'x'), 'ENOTDIR'],
  [at('dangling'), 'ENOENT'],
  [at('x'.repeat(300)), 'ENAMETOOLONG'],
];
for (const [path, code] of refused) {
  test(`not a place for a folder: ${path.replace(folder, 'tmp').slice(0, 40)}`, () =>
    assert.rejects(makeFolder(path, 0o755), (thrown) => codeOf(thrown) === code));
}
