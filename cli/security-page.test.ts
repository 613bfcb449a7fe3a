import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../', import.meta.url);

test('docs/security.md names a test for every attack, and each of them exists', () => {
  const page = readFileSync(new URL('docs/security.md', ROOT), 'utf8');
  const [, promised = ''] = /## What is promised(.*)## What is not promised/s.exec(page) ?? [];
  const rows = promised.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| attack'));
  assert.ok(rows.length >= 30, `${rows.length} attacks`);
  for (const row of rows) {
    const tests = [...row.matchAll(/`([\w./-]+\.test\.ts)`/g)].map(([, path = '']) => path);
    assert.ok(tests.length > 0, `no test: ${row}`);
    for (const path of tests)
      assert.ok(existsSync(fileURLToPath(new URL(path, ROOT))), `there is no ${path}`);
  }
});
