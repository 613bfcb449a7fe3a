import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writeFiles } from './write-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-write-'));
after(() => rmSync(folder, { recursive: true }));

test('if one file cannot be written, none is, and no draft is left behind', async () => {
  const good = join(folder, 'good.yaml');
  writeFileSync(good, 'old');
  const contents = [
    { path: good, text: 'new' },
    { path: join(folder, 'absent.yaml'), text: 'new' },
  ];
  await assert.rejects(writeFiles(contents), {
    code: 'NOT_WRITTEN',
    message: /absent\.yaml: .*does not exist/,
  });
  assert.equal(readFileSync(good, 'utf8'), 'old');
  assert.deepEqual(readdirSync(folder), ['good.yaml']);
  await writeFiles(contents.slice(0, 1));
  assert.equal(readFileSync(good, 'utf8'), 'new');
  assert.deepEqual(readdirSync(folder), ['good.yaml']);
});
