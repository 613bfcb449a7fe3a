import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { launchOf } from '../testing/processes/image-launcher.ts';

/**
 * Next steps of an attacker who runs code in a process of the image. They are tried in a Node with the
 * options of the launcher.
 */
const ATTEMPTS: Readonly<Record<string, string>> = {
  'starts a program': `require('node:child_process').spawnSync('sh', ['-c', ':'])`,
  'writes a file': `require('node:fs').writeFileSync('/tmp/podrole-launcher-test', '')`,
  'loads native code': `process.dlopen({ exports: {} }, '/nowhere.node')`,
  'opens the inspector': `require('node:inspector').open(0)`,
};

/** @returns the code of the error, or `done` */
function attempt(command: string, script: string): string {
  const code = `try { ${script}; console.log('done') } catch (error) { console.log(error.code) }; process.exit()`;
  const { options } = launchOf(command);
  return spawnSync(process.execPath, [...options, '--eval', code], { encoding: 'utf8' }).stdout.trim();
}

for (const command of ['webhook', 'sidecar', 'agent']) {
  for (const [what, script] of Object.entries(ATTEMPTS)) {
    test(`podrole ${command} of the image never ${what}`, () => {
      assert.match(attempt(command, script), /^ERR_(ACCESS_DENIED|DLOPEN_DISABLED)$/);
    });
  }
  test(`podrole ${command} of the image reads any file, wherever its settings lead`, () => {
    assert.equal(attempt(command, `require('node:fs').readFileSync('/etc/passwd')`), 'done');
  });
}

for (const [command, program] of [
  ['redirect', 'nft'],
  ['docker', 'ip'],
] as const)
  test(`podrole ${command} of the image may start ${program}`, () => {
    assert.equal(attempt(command, ATTEMPTS['starts a program'] ?? ''), 'done');
  });

test('podrole docker of the image has a limit of memory, as podrole agent', () => {
  const limits = (command: string) => launchOf(command).options.filter((option) => /^--max-/.test(option));
  assert.deepEqual(limits('docker'), limits('agent'));
  assert.equal(limits('docker').length, 2);
});

test('every command of the image is started without the listener for SIGUSR1', () => {
  for (const command of ['webhook', 'agent', 'docker', 'sidecar', 'redirect', 'publish', '--help'])
    assert.ok(launchOf(command).options.includes('--disable-sigusr1'), command);
});
