import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import packageJson from '../package.json' with { type: 'json' };
import { admit } from '../testing/admission/admission.ts';
import { createAuthority } from '../testing/certificates/certificates.ts';
import { startPodrole } from '../testing/processes/server-process.ts';
import { commandTable } from './table.ts';

const bundle = fileURLToPath(new URL('../dist/podrole.js', import.meta.url));
const examples = fileURLToPath(new URL('../examples/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'podrole-bundle-'));
after(() => rmSync(folder, { recursive: true }));

/** Runs the bundle where it can reach neither the sources nor node_modules by accident. */
function podrole(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [bundle, ...args], { encoding: 'utf8', cwd: folder });
}

test('prints its version and its commands', () => {
  assert.equal(podrole('--version').stdout, `${packageJson.version}\n`);
  const overview = podrole('--help').stdout;
  for (const { name } of commandTable) {
    const words = name.split(' ');
    assert.match(overview, new RegExp(`^ +${words[0]} `, 'm'));
    const { status, stdout } = podrole(...words, '--help');
    assert.equal(status, 0);
    assert.match(stdout, /Examples:\n {2}# /);
    const [options = ''] = stdout.split('\nExamples:');
    // A default that is one long word, such as a path, cannot be wrapped.
    const tooLong = options.split('\n').filter((line) => line.length > 80 && /\S\s/.test(line.trim()));
    assert.deepEqual(tooLong, [], `${name} --help fits 80 columns`);
  }
});

test('a wrong command line ends with exit code 2 and every fault on stderr', () => {
  const { status, stderr } = podrole('webhook', '--port', 'http', '--live-lookup=never');
  assert.equal(status, 2);
  assert.match(
    stderr,
    /^error: --port: is "http", must be a whole number from 0 to 65535; see --help \[INVALID_SETTING\]$/m,
  );
  assert.match(
    stderr,
    /^error: --live-lookup: is "never", must be one of miss, always; see --help \[INVALID_SETTING\]$/m,
  );
});

test('the bundled webhook patches the example pod, and ends on SIGTERM with 0', async () => {
  const authority = await createAuthority('bundle test');
  const pair = await authority.issue(['localhost', '127.0.0.1']);
  for (const [name, content] of Object.entries(pair)) writeFileSync(join(folder, name), content);
  const files = ['--tls-cert', join(folder, 'cert'), '--tls-key', join(folder, 'key')];
  const accounts = ['--service-accounts', join(examples, 'serviceaccounts.yaml')];
  const webhook = await startPodrole(
    ['webhook', ...files, ...accounts, '--port', '0', '--metrics-port', '0'],
    {
      from: 'bundle',
    },
  );
  const pod = {
    metadata: { namespace: 'shop' },
    spec: { serviceAccountName: 'web', containers: [{ name: 'app' }] },
  };
  const admitted = await admit(pod, Number(webhook.listening['port']), authority.cert);
  const [app] = admitted.spec.containers;
  assert.deepEqual(
    app?.env?.map(({ name }) => name),
    ['AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE'],
  );
  assert.equal(await webhook.stop(), 0);
});

test('the bundled inject gives the same identity to a manifest', () => {
  const { status, stdout } = podrole(
    'inject',
    ...['-f', join(examples, 'pod.yaml'), '--service-accounts', join(examples, 'serviceaccounts.yaml')],
  );
  assert.equal(status, 0);
  const [comment = ''] = readFileSync(join(examples, 'pod.yaml'), 'utf8').split('\n');
  assert.ok(stdout.startsWith(comment));
  assert.match(stdout, /- name: AWS_ROLE_ARN\n +value: arn:aws:iam::111122223333:role\/shop-web\n/);
});
