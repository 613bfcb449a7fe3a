import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startControlPlane } from './cluster/control-plane.ts';
import { findBinary } from './cluster/find-binary.ts';
import { expectRole } from './setup/expect-identity.ts';
import { readPod } from './setup/pods.ts';

/** The commands of docs/webhook.md as they stand, in order, in one shell, as a reader would type them. */
const root = fileURLToPath(new URL('../', import.meta.url));
const ROLE = 'arn:aws:iam::111122223333:role/shop-web';
/** What the commands leave running ends with their shell. */
const END_JOBS = `trap 'kill $(jobs -p); wait' EXIT`;

const cluster = await startControlPlane({ issuer: 'https://oidc.example.test' });
after(() => cluster.stop());

test('docs/webhook.md, from a certificate to a pod with its role', async () => {
  const page = await readFile(path.join(root, 'docs/webhook.md'), 'utf8');
  const blocks = [...page.matchAll(/^( *)```sh cluster\n(.*?)^\1```$/gms)].map(([, , block = '']) => block);
  assert.ok(blocks.length >= 4, `${blocks.length} blocks of commands for a cluster`);
  // A checkout of its own, as far as the commands look into it: they write files.
  const checkout = await mkdtemp(path.join(os.tmpdir(), 'podrole-docs-'));
  after(() => rm(checkout, { recursive: true, force: true }));
  for (const folder of ['dist', 'examples'])
    await symlink(path.join(root, folder), path.join(checkout, folder));
  const programs = [process.execPath, findBinary('kubectl', process.env['PODROLE_E2E_BINARIES'])];
  const shell = spawn('bash', ['-euo', 'pipefail', '-c', [END_JOBS, ...blocks].join('\n')], {
    cwd: checkout,
    env: {
      PATH: [...programs.map((program) => path.dirname(program)), process.env['PATH']].join(path.delimiter),
      HOME: checkout,
      KUBECONFIG: cluster.kubeconfig,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(shell.stdout),
    text(shell.stderr),
    once(shell, 'close'),
  ]);
  const log = await readFile(path.join(checkout, 'webhook.log'), 'utf8').catch(() => 'no log');
  assert.equal(code, 0, `${stdout}\n${stderr}\n${log}`);
  // The last command shows the reader what the pod got.
  assert.match(stdout, new RegExp(`"AWS_ROLE_ARN","value":"${ROLE}"`));
  expectRole(await readPod(cluster, 'shop', 'web'), 'app', ROLE);
});
