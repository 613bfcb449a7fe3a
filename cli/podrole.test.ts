import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import packageJson from '../package.json' with { type: 'json' };

const launcher = new URL('./podrole.js', import.meta.url);

/** Runs the launcher in a Node that pretends to have another version. */
function launchAs(version: string): { status: number | null; stderr: string } {
  const pretend = `Object.defineProperty(process.versions, 'node', { value: '${version}' });`;
  const script = `${pretend} process.argv = ['node', 'podrole', '--version']; await import('${launcher}');`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  return { status, stderr };
}

test('a Node older than package.json requires ends with a one-line error, and the oldest allowed one runs', () => {
  const oldest = packageJson.engines.node.replace('>=', '');
  assert.deepEqual(launchAs('20.20.2'), {
    status: 2,
    stderr: `podrole needs Node ${oldest} or newer; this is 20.20.2\n`,
  });
  const [major, minor] = oldest.split('.').map(Number);
  assert.equal(launchAs(`${major}.${(minor ?? 0) - 1}.9`).status, 2);
  assert.deepEqual(launchAs(`${oldest}.0`), { status: 0, stderr: '' });
});
