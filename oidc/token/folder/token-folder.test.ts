import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, beforeEach, test } from 'node:test';
import { codeOf, faultCodeOf } from '../../../lib/errors.ts';
import { openTokenFolder } from './token-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'podrole-token-folder-'));
after(() => rmSync(root, { recursive: true }));
let folder = '';
let file = '';
let folders = 0;
beforeEach(() => {
  folders += 1;
  folder = join(root, String(folders), 'token');
  file = join(folder, 'token');
});

const OWNER_ONLY = { mode: 0o600, groupId: undefined };
const noneLeft = (thrown: unknown) => assert.fail(String(thrown));
const NOW = () => new Date();
const isRefused = (thrown: unknown) => faultCodeOf(thrown) === 'FOLDER_REFUSED';
const tokenFolders = () => readdirSync(folder).filter((name) => /^\.\.\d/.test(name));

test('the file leads through ..data to a folder with a time, and both are replaced by a rename', async () => {
  const opened = await openTokenFolder(file, { mode: 0o644, groupId: undefined }, noneLeft);
  await opened.replace('one', new Date(Date.UTC(2026, 0, 31, 12)));
  assert.equal(readlinkSync(file), '..data/token');
  const first = readlinkSync(join(folder, '..data'));
  assert.match(first, /^\.\.2026_01_31_12_00_00\.podrole-[0-9a-f]{16}$/);
  assert.equal(readFileSync(file, 'utf8'), 'one');
  await opened.replace('two', NOW());
  assert.equal(readFileSync(file, 'utf8'), 'two');
  assert.notEqual(readlinkSync(join(folder, '..data')), first);
});

test('modes do not depend on the umask', async () => {
  const before = process.umask(0o077);
  try {
    await (await openTokenFolder(file, { mode: 0o644, groupId: undefined }, noneLeft)).replace('one', NOW());
  } finally {
    process.umask(before);
  }
  const modes = [folder, join(folder, '..data'), file].map((path) => statSync(path).mode & 0o777);
  assert.deepEqual(modes, [0o755, 0o755, 0o644]);
});

test('the token before stays for readers on their way, older ones go, also those of an earlier process', async () => {
  for (const token of ['one', 'two', 'three', 'four']) {
    await (await openTokenFolder(file, OWNER_ONLY, noneLeft)).replace(token, NOW());
    for (const name of tokenFolders()) utimesSync(join(folder, name), 1, 1);
  }
  const kept = tokenFolders().map((name) => readFileSync(join(folder, name, 'token'), 'utf8'));
  assert.deepEqual(kept.sort(), ['four', 'three']);
});

test('what an interrupted process left behind goes, unless another one may still be writing it', async () => {
  mkdirSync(folder, { recursive: true });
  const left = [
    '..2026_01_31_12_00_00.podrole-0123456789abcdef',
    '..2026_01_31_12_00_00.podrole-0000000000000000',
  ];
  for (const name of left) mkdirSync(join(folder, name));
  writeFileSync(join(folder, String(left[0]), 'token'), 'half');
  utimesSync(join(folder, String(left[0])), 1, 1);
  symlinkSync(String(left[0]), join(folder, '..data_tmp.podrole-0123456789abcdef'));
  await (await openTokenFolder(file, OWNER_ONLY, noneLeft)).replace('one', NOW());
  assert.deepEqual(
    left.map((name) => readdirSync(folder).includes(name)),
    [false, true],
  );
});

test('a folder of its own pattern that holds more than a token is left alone', async () => {
  mkdirSync(folder, { recursive: true });
  const mine = join(folder, '..2026_01_31_12_00_00.podrole-0123456789abcdef');
  mkdirSync(mine);
  writeFileSync(join(mine, 'precious'), 'x');
  utimesSync(mine, 1, 1);
  const left: unknown[] = [];
  const opened = await openTokenFolder(file, OWNER_ONLY, (thrown) => left.push(codeOf(thrown)));
  await opened.replace('one', NOW());
  await opened.replace('two', NOW());
  assert.deepEqual(left, ['ENOTEMPTY', 'ENOTEMPTY']);
  assert.equal(readFileSync(join(mine, 'precious'), 'utf8'), 'x');
  assert.equal(readFileSync(file, 'utf8'), 'two');
});

const foreign: readonly (readonly [name: string, make: () => void])[] = [
  ['a file', () => writeFileSync(join(folder, 'notes'), '')],
  ['a token that is a file', () => writeFileSync(file, 'mine')],
  ['a token that is a link elsewhere', () => symlinkSync('../elsewhere', file)],
  ['another token', () => symlinkSync('..data/other', join(folder, 'other'))],
  ['a hidden folder', () => mkdirSync(join(folder, '..2026_01_31_12_00_00.000000000'))],
  ['..data of kubelet', () => symlinkSync('..2026_01_31_12_00_00.000000000', join(folder, '..data'))],
  ['..data that is a folder', () => mkdirSync(join(folder, '..data'))],
  [
    'a file with the name of a folder',
    () => writeFileSync(join(folder, '..2026_01_31_12_00_00.podrole-0123456789abcdef'), ''),
  ],
  ['a mode that lets everybody write', () => chmodSync(folder, 0o757)],
];
for (const [name, make] of foreign) {
  test(`a folder with ${name} is refused and stays as it is`, async () => {
    mkdirSync(folder, { recursive: true });
    make();
    const before = readdirSync(folder);
    await assert.rejects(openTokenFolder(file, OWNER_ONLY, noneLeft), isRefused);
    assert.deepEqual(readdirSync(folder), before);
  });
}

test('a folder of another user is refused before a token is in it', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root can give a folder away');
  mkdirSync(folder, { recursive: true });
  chownSync(folder, 1_234, 1_234);
  const opened = await openTokenFolder(file, OWNER_ONLY, noneLeft);
  await assert.rejects(opened.replace('one', NOW()), isRefused);
  assert.deepEqual(readdirSync(folder), []);
});

test('of two processes that write the same folder, the earlier one ends, and no reader misses a token', async () => {
  const one = await openTokenFolder(file, OWNER_ONLY, noneLeft);
  await one.replace('one', NOW());
  const two = await openTokenFolder(file, OWNER_ONLY, noneLeft);
  await two.replace('two', NOW());
  await assert.rejects(one.replace('three', NOW()), isRefused);
  assert.equal(readFileSync(file, 'utf8'), 'two');
  await two.replace('four', NOW());
  assert.equal(readFileSync(file, 'utf8'), 'four');
});

test('a write that fails leaves the old token and nothing else, and a later one succeeds', async () => {
  const opened = await openTokenFolder(file, OWNER_ONLY, noneLeft);
  await opened.replace('one', NOW());
  const [before, away] = [readdirSync(folder), `${folder}-away`];
  renameSync(folder, away);
  writeFileSync(folder, '');
  await assert.rejects(opened.replace('two', NOW()), (thrown) => codeOf(thrown) === 'ENOTDIR');
  rmSync(folder);
  renameSync(away, folder);
  assert.deepEqual(readdirSync(folder), before);
  await opened.replace('three', NOW());
  assert.equal(readFileSync(file, 'utf8'), 'three');
});

test('a folder that somebody removed is created again', async () => {
  const opened = await openTokenFolder(file, OWNER_ONLY, noneLeft);
  await opened.replace('one', NOW());
  rmSync(folder, { recursive: true });
  await opened.replace('two', NOW());
  assert.equal(readFileSync(file, 'utf8'), 'two');
});

const MODULE = new URL('token-folder.ts', import.meta.url).href;
/** Runs in a file system that has room for one file less in each round, so that each step fails once. */
const ON_A_FULL_DISK = `
  const { openTokenFolder } = await import(${JSON.stringify(MODULE)});
  const { readdirSync, readFileSync, writeFileSync, unlinkSync, mkdirSync } = await import('node:fs');
  const file = process.argv[1] + '/token/token';
  const opened = await openTokenFolder(file, { mode: 0o600, groupId: undefined }, (thrown) => { throw thrown; });
  await opened.replace('first', new Date());
  mkdirSync(process.argv[1] + '/fill');
  const fillers = [];
  for (;;) {
    const path = process.argv[1] + '/fill/' + fillers.length;
    try { writeFileSync(path, ''); } catch { break; }
    fillers.push(path);
  }
  const before = readdirSync(process.argv[1] + '/token').join();
  const failures = [];
  for (let round = 0; ; round += 1) {
    try {
      await opened.replace('second', new Date());
      break;
    } catch (thrown) {
      failures.push(thrown.code);
      if (readFileSync(file, 'utf8') !== 'first') throw new Error('the old token is gone');
      const now = readdirSync(process.argv[1] + '/token').join();
      if (now !== before) throw new Error('left behind: ' + now);
      unlinkSync(fillers.pop());
    }
  }
  console.log(JSON.stringify({ failures, token: readFileSync(file, 'utf8') }));
`;

test('on a full disk each step may fail: the old token stays, and nothing is left behind', async (t) => {
  const mounted = join(root, 'full');
  mkdirSync(mounted);
  const script = `mount -t tmpfs -o size=1m,nr_inodes=16 tmpfs ${mounted} || exit 42; exec "$0" --input-type=module -e "$1" ${mounted}`;
  const child = spawn('unshare', ['-Urm', 'bash', '-c', script, process.execPath, ON_A_FULL_DISK], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close').catch(() => [42]);
  const [printed, said, [status]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (status === 42 || /unshare/.test(said)) return t.skip('this user may not mount a file system');
  assert.equal(status, 0, said);
  const { failures, token } = JSON.parse(printed);
  // Folder, token and link each need room.
  assert.deepEqual(failures, ['ENOSPC', 'ENOSPC', 'ENOSPC']);
  assert.equal(token, 'second');
});

const READS = 10_000;
const READER = `
  const { readFileSync } = await import('node:fs');
  const seen = new Set();
  for (let reads = 0; reads < ${READS}; ) {
    const token = readFileSync(process.argv[1], 'utf8');
    if (!/^token-\\d+-x{4000}-end$/.test(token)) throw new Error('read ' + token.length + ' characters');
    seen.add(token);
    // Not before the writer has begun.
    if (seen.size > 1) reads += 1;
  }
  console.log(seen.size);
`;

test(`a reader that reads ${READS} times meanwhile never finds the token missing or half`, async () => {
  const opened = await openTokenFolder(file, OWNER_ONLY, noneLeft);
  let written = 0;
  const next = () => {
    written += 1;
    return opened.replace(`token-${written}-${'x'.repeat(4_000)}-end`, NOW());
  };
  await next();
  const reader = spawn(process.execPath, ['--input-type=module', '-e', READER, file], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let isOver = false;
  const ended = once(reader, 'close').finally(() => {
    isOver = true;
  });
  const outputs = Promise.all([text(reader.stdout), text(reader.stderr)]);
  while (!isOver) {
    await next();
    // Old enough to be removed: only the rule about the token before protects the reader.
    for (const name of tokenFolders()) utimesSync(join(folder, name), 1, 1);
  }
  const [[printed, said], [status]] = await Promise.all([outputs, ended]);
  assert.equal(status, 0, said);
  assert.ok(Number(printed) > 2, `the reader saw ${printed} tokens`);
});
