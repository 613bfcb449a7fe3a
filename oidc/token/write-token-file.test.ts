import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PodroleError } from '../../lib/errors.ts';
import { writeTokenFile } from './write-token-file.ts';

const root = mkdtempSync(join(tmpdir(), 'podrole-token-file-'));
after(() => rmSync(root, { recursive: true }));

const others: readonly (readonly [name: string, make: (path: string) => void, said: RegExp])[] = [
  // As /dev/null, which only root can create.
  ['a FIFO', (path) => execFileSync('mkfifo', [path]), /is not a regular file/],
  ['a folder', (path) => mkdirSync(path), /is not a regular file/],
  ['a link', (path) => symlinkSync('/dev/stdout', path), /symbolic link/],
];
for (const [name, make, said] of others) {
  test(`${name} is not replaced by a token`, async () => {
    const folder = join(root, name);
    mkdirSync(folder);
    const file = join(folder, 'token');
    make(file);
    const before = lstatSync(file);
    await assert.rejects(writeTokenFile(file, 'x', { mode: 0o600, groupId: undefined }), (thrown) => {
      assert.ok(thrown instanceof PodroleError);
      assert.equal(thrown.code, 'FILE_EXISTS');
      assert.match(thrown.message, said);
      return true;
    });
    assert.equal(lstatSync(file).ino, before.ino);
    assert.deepEqual(readdirSync(folder), ['token']);
  });
}
