import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { emptyFolder } from './output-folder.ts';

const parent = mkdtempSync(join(tmpdir(), 'podrole-output-'));
after(() => rmSync(parent, { recursive: true }));

const OURS = [
  'SHA256SUMS',
  'SHA256SUMS.minisig',
  'install.yaml',
  'podrole.yaml',
  'CHANGES-0.1.0.md',
  'podrole-0.1.0.tgz',
  'podrole-0.1.0-linux-x64.tar.gz',
  'podrole-image-0.1.0.oci.tar',
  'podrole-image-0.1.0.cdx.json',
];

function folderWith(name: string, files: readonly string[]): string {
  const folder = join(parent, name);
  mkdirSync(folder);
  for (const file of files) writeFileSync(join(folder, file), '');
  return folder;
}

test('the artefacts of an earlier run are removed, also those of an interrupted one', () => {
  for (const [name, files] of Object.entries({ whole: OURS, interrupted: OURS.slice(3), empty: [] })) {
    const folder = folderWith(name, files);
    emptyFolder(folder);
    assert.deepEqual(readdirSync(folder), []);
  }
  emptyFolder(join(parent, 'new/folder'));
});

test('checksums of somebody else do not make a folder one that may be emptied', () => {
  const files = ['SHA256SUMS', 'debian-13.iso'];
  const folder = folderWith('downloads', files);
  assert.throws(() => emptyFolder(folder), /debian-13\.iso.*\[RELEASE_OUTPUT\]/);
  assert.deepEqual(readdirSync(folder), files);
  const nested = folderWith('nested', OURS);
  mkdirSync(join(nested, 'podrole-0.2.0.tgz'));
  assert.throws(() => emptyFolder(nested), /RELEASE_OUTPUT/);
  assert.equal(readdirSync(nested).length, OURS.length + 1);
});
