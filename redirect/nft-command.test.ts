import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { nftOn } from './nft-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-nft-'));
after(() => rmSync(folder, { recursive: true }));

function installNft(script: string, mode = 0o755): void {
  writeFileSync(join(folder, 'nft'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'nft'), mode);
}

test('nft gets arguments and stdin, and runs in the C locale', () => {
  installNft('read -r line; echo "$LC_ALL $* <$line>"; echo warning >&2');
  assert.deepEqual(nftOn(folder)(['-f', '-'], 'add table\n'), { ok: true, stdout: 'C -f - <add table>\n' });
});

test('nft gets nothing else of the environment', () => {
  installNft('/usr/bin/env');
  const result = nftOn(folder)([]);
  assert.ok(result.ok);
  const names = result.stdout.match(/^\w+(?==)/gm)?.filter((name) => !['PWD', 'SHLVL', '_'].includes(name));
  assert.deepEqual(names?.sort(), ['LC_ALL', 'PATH']);
});

test('the stderr of a failed nft is kept, although it reads nothing', () => {
  installNft('echo broken >&2; exit 3');
  const result = nftOn(folder)(['-f', '-'], 'x'.repeat(1_000_000));
  assert.ok(!result.ok);
  assert.equal(result.stderr, 'broken\n');
});

test('an end by a signal is a failure', () => {
  installNft('kill -9 $$');
  assert.equal(nftOn(folder)([]).ok, false);
});

for (const [what, path] of [
  ['an empty folder', join(folder, 'nothing')],
  ['no folder', ''],
] as const) {
  test(`not found on a PATH of ${what}`, () => {
    assert.deepEqual(nftOn(path)([]), { ok: false, systemError: 'ENOENT', stderr: '' });
  });
}

test('found, but not executable', () => {
  installNft('', 0o644);
  assert.deepEqual(nftOn(folder)([]), { ok: false, systemError: 'EACCES', stderr: '' });
});
