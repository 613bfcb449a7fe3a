import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PodroleError } from '../../lib/errors.ts';
import { migrationModel } from '../../testing/migrate/model.ts';
import { stepTexts } from '../../testing/migrate/steps.ts';
import { writeSteps } from './write-steps.ts';

const root = mkdtempSync(join(tmpdir(), 'podrole-steps-'));
after(() => rmSync(root, { recursive: true }));
let folders = 0;
const newFolder = () => join(root, `folder-${++folders}`, 'steps');
const MODEL = migrationModel();
const PATHS = [...stepTexts(MODEL).keys()];
const CAREFUL = { force: false };

test('a new folder gets every file; again, nothing is written', async () => {
  const folder = newFolder();
  assert.deepEqual(await writeSteps(MODEL, folder, CAREFUL), { written: PATHS, unchanged: [], foreign: [] });
  for (const [path, text] of stepTexts(MODEL)) assert.equal(readFileSync(join(folder, path), 'utf8'), text);
  assert.equal(statSync(join(folder, 'README.md')).mode & 0o777, 0o644);
  assert.deepEqual(await writeSteps(MODEL, folder, CAREFUL), { written: [], unchanged: PATHS, foreign: [] });
});

test('an empty folder is as good as a new one, with a slash at its end too', async () => {
  const folder = newFolder();
  mkdirSync(folder, { recursive: true });
  assert.deepEqual((await writeSteps(MODEL, `${folder}/`, CAREFUL)).written, PATHS);
  assert.deepEqual((await writeSteps(MODEL, `${folder}/`, CAREFUL)).foreign, []);
});

const REFUSED: Readonly<Record<string, (folder: string) => void>> = {
  'a file of somebody': (folder) => writeFileSync(join(folder, 'notes.txt'), 'mine'),
  'a hidden file': (folder) => writeFileSync(join(folder, '.env'), ''),
  'a file that differs': (folder) => writeFileSync(join(folder, 'README.md'), 'mine'),
  'a link that leads nowhere': (folder) => symlinkSync('/nowhere', join(folder, 'README.md')),
  'a file in a folder of the plan': (folder) => {
    mkdirSync(join(folder, '1-trust'));
    writeFileSync(join(folder, '1-trust/other.yaml'), '');
  },
};
for (const [name, fill] of Object.entries(REFUSED)) {
  test(`refused before anything is written: ${name}`, async () => {
    const folder = newFolder();
    mkdirSync(folder, { recursive: true });
    fill(folder);
    await assert.rejects(writeSteps(MODEL, folder, CAREFUL), (thrown) => {
      assert(thrown instanceof PodroleError);
      assert.equal(thrown.code, 'FILE_EXISTS');
      assert.match(thrown.message, /--out .*steps: holds other files .*; name a new folder/);
      return true;
    });
    assert(!existsSync(join(folder, '2-namespaces')));
  });
}

test('--force replaces files that differ, keeps the others and names them', async () => {
  const folder = newFolder();
  await writeSteps(MODEL, folder, CAREFUL);
  const target = join(root, 'target');
  writeFileSync(target, 'not of the plan');
  writeFileSync(join(folder, 'README.md'), 'edited');
  rmSync(join(folder, '1-trust/bindings.yaml'));
  symlinkSync(target, join(folder, '1-trust/bindings.yaml'));
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  const { written, foreign } = await writeSteps(MODEL, folder, { force: true });
  assert.deepEqual([written, foreign], [['1-trust/bindings.yaml', 'README.md'], ['notes.txt']]);
  assert.equal(readFileSync(join(folder, 'README.md'), 'utf8'), stepTexts(MODEL).get('README.md'));
  assert.equal(readFileSync(target, 'utf8'), 'not of the plan', 'a link is replaced, not followed');
});

for (const force of [false, true]) {
  test(`a link in place of a folder is never followed${force ? ', not even with --force' : ''}`, async () => {
    const folder = newFolder();
    const elsewhere = mkdtempSync(join(root, 'elsewhere-'));
    mkdirSync(folder, { recursive: true });
    symlinkSync(elsewhere, join(folder, '1-trust'));
    await assert.rejects(
      writeSteps(MODEL, folder, { force }),
      /FILE_EXISTS|holds 1-trust, which is not a folder, or is a link; remove it/,
    );
    assert.deepEqual([readdirSync(elsewhere), readdirSync(folder)], [[], ['1-trust']]);
  });
}

test('a pipe in place of a file is not read, and --force replaces it', { timeout: 20_000 }, async () => {
  const folder = newFolder();
  mkdirSync(folder, { recursive: true });
  assert.equal(spawnSync('mkfifo', [join(folder, 'README.md')]).status, 0);
  await assert.rejects(writeSteps(MODEL, folder, CAREFUL), /holds other files/);
  await writeSteps(MODEL, folder, { force: true });
  assert(statSync(join(folder, 'README.md')).isFile());
});

const UNWRITABLE: Readonly<Record<string, (folder: string) => string>> = {
  'the folder is a file': (folder) => {
    writeFileSync(folder, '');
    return folder;
  },
  'a folder above is a file': (folder) => {
    writeFileSync(folder, '');
    return join(folder, 'steps');
  },
  'a file of the plan is a folder': (folder) => {
    mkdirSync(join(folder, 'README.md'), { recursive: true });
    return folder;
  },
  'a place where no folder can be': () => '/proc/steps',
};
for (const [name, prepare] of Object.entries(UNWRITABLE)) {
  test(`not written: ${name}`, async () => {
    const parent = mkdtempSync(join(root, 'unwritable-'));
    const folder = prepare(join(parent, 'steps'));
    await assert.rejects(writeSteps(MODEL, folder, CAREFUL), (thrown) => {
      assert(thrown instanceof PodroleError);
      assert.equal(thrown.code, 'NOT_WRITTEN');
      return true;
    });
  });
}
