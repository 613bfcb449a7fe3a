import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { codeOf } from '../errors.ts';
import { readInputSync, readRegularFile, readRegularFileSync } from './read-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-read-'));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const MAX = 100_000;

const readers = {
  readRegularFile: (path: string) => readRegularFile(path, MAX),
  readRegularFileSync: async (path: string) => readRegularFileSync(path, MAX),
};

const fifo = at('fifo');
spawnSync('mkfifo', [fifo]);
const socket = createServer().listen(at('socket'));
await once(socket, 'listening');
after(() => socket.close());
const sparse = at('sparse');
writeFileSync(sparse, '');
// 300 MB that take no space on the disk.
truncateSync(sparse, 300_000_000);

for (const [name, read] of Object.entries(readers)) {
  test(`${name}: a regular file of every size up to the limit is read as a whole`, async () => {
    for (const size of [0, 1, 65_535, 65_536, 65_537, MAX]) {
      writeFileSync(at('file'), 'x'.repeat(size));
      assert.equal((await read(at('file'))).length, size);
    }
    assert.ok((await read('/proc/self/status')).includes('Name:'), 'a size of 0 is not believed');
  });

  test(`${name}: anything but a regular file is refused at once, and so is one that is too large`, async () => {
    writeFileSync(at('file'), 'x'.repeat(MAX + 1));
    const cases: readonly (readonly [path: string, code: string])[] = [
      [fifo, 'NOT_REGULAR'],
      ['/dev/zero', 'NOT_REGULAR'],
      ['/dev/random', 'NOT_REGULAR'],
      [folder, 'NOT_REGULAR'],
      [at('file'), 'TOO_LARGE'],
      [sparse, 'TOO_LARGE'],
      [at('socket'), 'ENXIO'],
      [at('none'), 'ENOENT'],
    ];
    for (const [path, code] of cases) {
      await assert.rejects(read(path), (thrown) => codeOf(thrown) === code, `${path} ${code}`);
    }
  });
}

test('a pipe is read to its end, with pauses, and what was written before the read too', () => {
  const read = `import(${JSON.stringify(new URL('read-file.ts', import.meta.url).href)}).then(({ readInputSync }) => process.stdout.write(readInputSync('/dev/fd/3', 100)))`;
  const script = 'exec 3< <(printf one; read -t 0.2 <> <(:); printf two); exec "$0" -e "$1"';
  const { stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, read], { encoding: 'utf8' });
  assert.equal(stdout, 'onetwo', stderr);
});

test('a large file that reports size 0 is read no further than the limit', async () => {
  // Its stat says 0 bytes, and it has some hundred thousand.
  await assert.rejects(readRegularFile('/proc/kallsyms', MAX), (thrown) => codeOf(thrown) === 'TOO_LARGE');
  assert.throws(
    () => readInputSync('/proc/kallsyms', MAX),
    (thrown) => codeOf(thrown) === 'TOO_LARGE',
  );
});

test('a file system that does not answer is given up', async () => {
  writeFileSync(at('file'), 'x');
  await assert.rejects(
    readRegularFile(at('file'), MAX, AbortSignal.abort()),
    (thrown) => codeOf(thrown) === 'TIMEOUT',
  );
});

test('a pipe on the command line is read to its end, and no further than the limit', async () => {
  for (const [size, code] of [
    [90_000, undefined],
    [MAX + 1, 'TOO_LARGE'],
  ] as const) {
    const writer = spawn('sh', ['-c', `head -c ${size} /dev/zero >"$0"`, fifo]);
    const ended = once(writer, 'close');
    if (code === undefined) assert.equal(readInputSync(fifo, MAX).length, size);
    else
      assert.throws(
        () => readInputSync(fifo, MAX),
        (thrown) => codeOf(thrown) === code,
      );
    await ended;
  }
  assert.throws(
    () => readInputSync(sparse, MAX),
    (thrown) => codeOf(thrown) === 'TOO_LARGE',
  );
});
