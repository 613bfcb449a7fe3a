import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readSettings, STEPS } from './settings.ts';

const root = mkdtempSync(join(tmpdir(), 'podrole-settings-'));
after(() => rmSync(root, { recursive: true }));
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd: root });
git('init', '--quiet');
writeFileSync(join(root, 'package.json'), '{"version":"0.2.0"}');
git('add', '.');
git('commit', '--quiet', '--message=one', '--date=2027-01-31T00:00:00Z');

test('without settings, everything is built under the name podrole', () => {
  const settings = readSettings(root, [], { IMAGE: '', SOURCE: '' });
  assert.equal(settings.version, '0.2.0');
  assert.equal(settings.output, join(root, 'release/out'));
  assert.deepEqual([...settings.steps], STEPS);
  assert.deepEqual(
    [settings.image, settings.source, settings.downloads, settings.base],
    Array(4).fill(undefined),
  );
  assert.match(settings.revision, /^[0-9a-f]{40}$/);
});

test('flags win over the variables of the Makefile, and steps keep their order', () => {
  const env = {
    IMAGE: 'registry.example.com/one',
    SOURCE: 'https://git.example.com/podrole/',
    SOURCE_DATE_EPOCH: '5',
  };
  const settings = readSettings(root, ['--image=localhost:5000/two', '--only=changes,npm'], env);
  assert.equal(settings.image, 'localhost:5000/two');
  assert.equal(settings.source, 'https://git.example.com/podrole');
  assert.equal(settings.epochSeconds, 5);
  assert.deepEqual([...settings.steps], ['npm', 'changes']);
});

for (const [args, object] of [
  [['--image=registry.example.com/podrole:1'], 'IMAGE'],
  [['--image=podrole@sha256:1'], 'IMAGE'],
  [['--image=https://registry.example.com/podrole'], 'IMAGE'],
  [['--image=registry.example.com/'], 'IMAGE'],
  [['--image=Team/podrole', '--source=x'], 'SOURCE'],
  [['--source=http://git.example.com'], 'SOURCE'],
  [['--downloads=releases'], 'DOWNLOADS'],
  [['--source=https://ci:token-1@git.example.com/podrole'], 'SOURCE'],
  [['--downloads=https://token-1@dl.example.com'], 'DOWNLOADS'],
  [['--downloads=https://dl.example.com/?file='], 'DOWNLOADS'],
  [['--source=https://git.example.com/podrole#'], 'SOURCE'],
  [['--only=npm,chart'], '--only'],
  [['--imag=x'], 'release'],
  [['x'], 'release'],
] as const)
  test(`${args.join(' ')} is refused`, () => {
    assert.throws(() => readSettings(root, args, {}), {
      code: 'RELEASE_SETTING',
      message: new RegExp(`^${object}: .*; .* \\[RELEASE_SETTING]$`),
    });
  });

test('a time that is not one is refused, and an empty one is that of the commit', () => {
  for (const SOURCE_DATE_EPOCH of ['today', '-1', '1e3', '12345678901', ' '])
    assert.throws(() => readSettings(root, [], { SOURCE_DATE_EPOCH }), /^ReleaseError: SOURCE_DATE_EPOCH/);
  assert.ok(readSettings(root, [], { SOURCE_DATE_EPOCH: '' }).epochSeconds > 1_600_000_000);
});

test('only a commit with the tag of the version is a release, and it must be clean', () => {
  assert.equal(readSettings(root, [], {}).isTagged, false);
  git('tag', 'v0.1.0');
  assert.equal(readSettings(root, [], {}).isTagged, false);
  git('tag', 'v0.2.0');
  assert.equal(readSettings(root, [], {}).isTagged, true);
  assert.equal(readSettings(root, [], {}).hasChanges, false);
  writeFileSync(join(root, 'left-over'), '');
  assert.throws(() => readSettings(root, [], {}), { code: 'RELEASE_TREE', message: /left-over/ });
});
