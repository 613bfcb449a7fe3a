import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import packageJson from '../package.json' with { type: 'json' };

const folder = mkdtempSync(join(tmpdir(), "podrole-prefix it's-"));
after(() => rmSync(folder, { recursive: true }));
const script = fileURLToPath(new URL('link-command.ts', import.meta.url));

function link(...args: string[]) {
  return spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin', HOME: folder },
  });
}

test('the installed command runs in any folder, without a Node on the PATH that is new enough', () => {
  assert.equal(link('add', '~/.local').status, 0);
  const old = join(folder, 'old');
  mkdirSync(old);
  writeFileSync(join(old, 'node'), '#!/bin/sh\necho old; exit 9\n', { mode: 0o755 });
  for (const name of ['podrole', 'kubectl-podrole']) {
    const env = { PATH: `${old}:/usr/bin:/bin` };
    const command = join(folder, '.local/bin', name);
    const { stdout, stderr } = spawnSync(command, ['--version'], { cwd: '/', env, encoding: 'utf8' });
    assert.equal(stdout, `${packageJson.version}\n`, stderr);
  }
  const complete = join(folder, '.local/bin/kubectl_complete-podrole');
  const { stdout, stderr } = spawnSync(complete, ['keys', 'ro'], { cwd: '/', encoding: 'utf8' });
  assert.match(stdout, /^rotate\t.*\n:4\n$/, stderr);
});

test('it can be installed over itself, and removed', () => {
  const prefix = join(folder, 'twice');
  const { stdout } = link('add', prefix);
  const [, advice = ''] = /is not on your PATH; .*:\n {2}(export PATH=.*)\n$/.exec(stdout) ?? [];
  const advised = spawnSync('sh', ['-c', `${advice}; command -v podrole`], { encoding: 'utf8' });
  assert.equal(advised.stdout, `${prefix}/bin/podrole\n`, stdout);
  assert.equal(link('add', prefix).status, 0);
  assert.equal(link('remove', prefix).status, 0);
  assert.ok(!existsSync(join(prefix, 'bin/podrole')));
  assert.equal(link('remove', prefix).status, 0);
});

test('a command of somebody else stays', () => {
  const file = join(folder, 'theirs/bin/kubectl-podrole');
  mkdirSync(join(folder, 'theirs/bin'), { recursive: true });
  writeFileSync(file, 'theirs');
  for (const verb of ['add', 'remove']) {
    const { status, stderr } = link(verb, join(folder, 'theirs'));
    assert.equal(status, 3);
    assert.match(stderr, /kubectl-podrole: is not from make install; .*PREFIX= \[RELEASE_COMMAND]/);
  }
  assert.equal(readFileSync(file, 'utf8'), 'theirs');
  assert.ok(!existsSync(join(folder, 'theirs/bin/podrole')));
});

test('without a folder nothing is installed', () => {
  assert.match(link('add', '').stderr, /^PREFIX: is empty; .* \[RELEASE_SETTING]/);
});
