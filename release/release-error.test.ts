import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(`${root}${file}`, 'utf8');

test('docs/release.md explains the error codes as the code has them', () => {
  const sources = globSync('release/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts'));
  const used = sources.flatMap((file) => read(file).match(/(?<=code: ')RELEASE_[A-Z]+/g) ?? []);
  const explained = read('docs/release.md').match(/(?<=^\| `)RELEASE_[A-Z]+/gm);
  assert.deepEqual(explained, [...new Set(used)].sort());
});
