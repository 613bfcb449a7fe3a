import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ExchangeError } from '../../credentials/exchange/exchange-error.ts';
import { podTokenFile, readPodToken } from './token-file.ts';

const root = mkdtempSync(join(tmpdir(), 'podrole-pods-'));
after(() => rmSync(root, { recursive: true }));
const pods = join(root, 'pods');
const UID = '0c1b2f6e-0d3c-4b0e-9b5f-6a1f2f3a4b5c';

/** A volume as kubelet writes it: `token -> ..data/token`, `..data -> ..<date>`. */
function writeVolume(name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(pods, UID, 'volumes', 'kubernetes.io~projected', name);
  const dated = join(folder, '..2026_01_01');
  mkdirSync(dated, { recursive: true });
  symlinkSync('..2026_01_01', join(folder, '..data'));
  for (const [path, content] of Object.entries(files)) {
    const [top = '', ...below] = path.split('/');
    if (below.length > 0) mkdirSync(join(dated, top), { recursive: true });
    writeFileSync(join(dated, path), content);
    symlinkSync(join('..data', top), join(folder, top));
  }
  return folder;
}

function read(volumeName: string, path: string, folder = pods): Promise<string> {
  const file = podTokenFile(folder, UID, { volumeName, path });
  assert.ok(file);
  return readPodToken(file);
}

const isFault = (code: string, says: RegExp) => (thrown: unknown) =>
  thrown instanceof ExchangeError && thrown.code === code && says.test(thrown.message);

test('a token is read through the links of kubelet, also below a folder', async () => {
  writeVolume('aws-iam-token', { token: 'a.b.c\n', 'sts/token': 'd.e.f' });
  assert.equal(await read('aws-iam-token', 'token'), 'a.b.c');
  assert.equal(await read('aws-iam-token', 'sts/token'), 'd.e.f');
});

test('the folder of kubelet may itself be a link', async () => {
  symlinkSync(pods, join(root, 'link'));
  assert.equal(await read('aws-iam-token', 'token', join(root, 'link')), 'a.b.c');
});

test('names that lead elsewhere are not paths', () => {
  const uids = ['', '.', '..', '../x', 'a/b', 'a\0', '-a', 'a'.repeat(65), 'a b', 'ä'];
  for (const uid of uids)
    assert.equal(podTokenFile(pods, uid, { volumeName: 'v', path: 'token' }), undefined);
  const volumes = ['', '.', '..', 'a/b', '../v', 'V', 'a'.repeat(64), 'a.b', '-a', 'a-', 'a\n', 'a\0'];
  for (const volumeName of volumes) {
    assert.equal(podTokenFile(pods, UID, { volumeName, path: 'token' }), undefined, volumeName);
  }
  const paths = ['', '/', '/etc/passwd', '..', '../x', 'a/../b', './a', 'a//b', 'a/', 'a/..', 'a\0b'];
  for (const path of [...paths, 'a'.repeat(1_025)]) {
    assert.equal(podTokenFile(pods, UID, { volumeName: 'v', path }), undefined, path);
  }
});

test('a link that leads out of the volume is refused', async () => {
  const folder = writeVolume('links', { token: 'a.b.c' });
  writeFileSync(join(root, 'secret'), 'secret.of.node');
  symlinkSync(join(root, 'secret'), join(folder, 'absolute'));
  symlinkSync('../../../../../secret', join(folder, 'relative'));
  symlinkSync(`../aws-iam-token/token`, join(folder, 'sibling'));
  mkdirSync(join(pods, UID, 'volumes', 'kubernetes.io~projected', 'links-2'));
  writeFileSync(
    join(pods, UID, 'volumes', 'kubernetes.io~projected', 'links-2', 'token'),
    'of.another.volume',
  );
  symlinkSync('../links-2/token', join(folder, 'prefix'));
  for (const path of ['absolute', 'relative', 'sibling', 'prefix']) {
    await assert.rejects(read('links', path), isFault('TOKEN_UNREADABLE', /leads out of the volume/), path);
  }
  symlinkSync('circle', join(folder, 'circle'));
  await assert.rejects(read('links', 'circle'), isFault('TOKEN_UNREADABLE', /circle of symbolic links/));
});

test('what is not a token says why, and what to mount', async () => {
  const folder = writeVolume('odd', { empty: '', large: 'x'.repeat(70_000), spaced: 'a b.c.d' });
  mkdirSync(join(folder, 'folder'));
  const cases: readonly (readonly [path: string, code: string, says: RegExp])[] = [
    ['none', 'TOKEN_UNREADABLE', /does not exist; mount kubelet's pods folder.*HostToContainer/],
    ['folder', 'TOKEN_UNREADABLE', /is a directory/],
    ['large', 'TOKEN_UNREADABLE', /is larger than/],
    ['empty', 'TOKEN_INVALID', /is empty/],
    ['spaced', 'TOKEN_INVALID', /white space/],
  ];
  for (const [path, code, says] of cases) await assert.rejects(read('odd', path), isFault(code, says), path);
  await assert.rejects(read('no-volume', 'token'), isFault('TOKEN_UNREADABLE', /does not exist/));
});

test('a token that kubelet renews is the old one or the new one', async () => {
  const folder = writeVolume('renewed', { token: 'token.number.0' });
  let former = '..2026_01_01';
  for (let round = 1; round <= 100; round += 1) {
    const reading = read('renewed', 'token');
    const next = `..round_${round}`;
    mkdirSync(join(folder, next));
    writeFileSync(join(folder, next, 'token'), `token.number.${round}`);
    symlinkSync(next, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    rmSync(join(folder, former), { recursive: true });
    former = next;
    assert.match(await reading, new RegExp(`^token\\.number\\.(${round - 1}|${round})$`));
  }
});
