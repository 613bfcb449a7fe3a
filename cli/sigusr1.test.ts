import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createAuthority } from '../testing/certificates/certificates.ts';
import { launchOf } from '../testing/processes/image-launcher.ts';

/**
 * SIGUSR1 opens Node's inspector, through which everybody in the same pod can run code. It must not do so in
 * podrole, however it is started.
 */
const ANSWERS = 100;
const folder = mkdtempSync(path.join(tmpdir(), 'podrole-sigusr1-'));
after(() => rmSync(folder, { recursive: true }));
const at = (file: string) => fileURLToPath(new URL(`../${file}`, import.meta.url));
const authority = await createAuthority('sigusr1 test');
const { cert, key } = await authority.issue(['localhost']);
for (const [name, content] of Object.entries({ cert, key, token: 'header.payload.signature' }))
  writeFileSync(path.join(folder, name), content);

const ports = ['--port', '0', '--metrics-port', '0'];
const accounts = ['--service-accounts', at('examples/serviceaccounts.yaml')];
const webhook = [
  ...['webhook', '--tls-cert', path.join(folder, 'cert'), '--tls-key', path.join(folder, 'key')],
  ...[...accounts, ...ports, '--shutdown-delay', '0'],
];
const role = ['--role-arn', 'arn:aws:iam::111122223333:role/web', '--region', 'eu-central-1'];
const sidecar = ['sidecar', ...role, '--token-file', path.join(folder, 'token'), ...ports];
/** Returns the command line of image/podrole, with the paths of this checkout. */
const inImage = (args: readonly string[]) => {
  const { options, bundle } = launchOf(args[0] ?? '');
  return [process.execPath, ...options, at(`dist/${bundle}`), ...args];
};

const starts: readonly { name: string; command: readonly string[] }[] = [
  { name: 'the bundle of the webhook by its #! line', command: [at('dist/podrole.js'), ...webhook] },
  {
    name: 'the bundle of the webhook by node',
    command: [process.execPath, at('dist/podrole.js'), ...webhook],
  },
  { name: 'the sources of the webhook', command: [process.execPath, at('cli/podrole.js'), ...webhook] },
  {
    name: 'the webhook as the image starts it',
    command: inImage(webhook),
  },
  { name: 'the bundle of the sidecar by its #! line', command: [at('dist/sidecar.js'), ...sidecar] },
  { name: 'the sidecar from the bundle of all commands', command: [at('dist/podrole.js'), ...sidecar] },
  {
    name: 'the sidecar as the image starts it, injected or not',
    command: inImage(sidecar),
  },
];
for (const { name, command } of starts) {
  test(`SIGUSR1 opens no inspector: ${name}`, async () => {
    const said = await signalled(command);
    assert.deepEqual(said.inspector, []);
    assert.equal(said.code, 0);
  });
}

test('a Node without podrole opens it, so the tests above can fail', async () => {
  const idle = `require('node:http').createServer((_, response) => response.end('ok')).listen(0, function () {
    process.on('SIGTERM', () => process.exit());
    console.log(JSON.stringify({ msg: 'listening', metricsPort: this.address().port }));
  })`;
  const said = await signalled([process.execPath, '--inspect-port=0', '--eval', idle]);
  assert.match(said.inspector.join(), /^Debugger listening on/);
});

/** Starts a command, sends SIGUSR1 when it listens, lets it answer for a while, and ends it. */
async function signalled([program = '', ...args]: readonly string[]) {
  const child = spawn(program, args, {
    env: {
      PATH: `${path.dirname(process.execPath)}:${process.env['PATH']}`,
      NODE_OPTIONS: '--inspect-port=0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
  let listening = '';
  for await (const line of createInterface({ input: child.stdout })) {
    listening = line.includes('"listening"') ? line : '';
    if (listening) break;
  }
  assert.ok(listening, said.join('\n'));
  child.kill('SIGUSR1');
  // Node opens the inspector, and logs that, during the first few of these requests.
  const { metricsPort } = JSON.parse(listening);
  for (let count = 0; count < ANSWERS; count += 1) {
    const { ok } = await fetch(`http://127.0.0.1:${metricsPort}/healthz`);
    if (!ok) child.kill('SIGKILL');
    assert.ok(ok);
  }
  child.kill('SIGTERM');
  const [code] = await once(child, 'close');
  return { code, inspector: said.filter((line) => line.includes('Debugger listening')) };
}
