import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startMemoryIam } from '../../testing/aws/memory-iam.ts';
import { serveHostSts, serveSite } from '../../testing/oidc/host-site.ts';

const ISSUER = 'https://oidc.example.com';
const LAUNCHER = fileURLToPath(new URL('../../cli/podrole.js', import.meta.url));
/** Programs that the commands leave running end with their shell. */
const END_JOBS = `trap 'jobs -p | xargs --no-run-if-empty kill; wait' EXIT`;
const PRELUDE = `shopt -s expand_aliases; alias podrole='"${process.execPath}" "${LAUNCHER}"'; ${END_JOBS}`;

const page = readFileSync(new URL('../../docs/token.md', import.meta.url), 'utf8');
const [onYourMachine = '', onTheVm = '', ...others] = [...page.matchAll(/^```sh host\n(.*?)^```$/gms)].map(
  ([, block = '']) => block,
);

const folder = mkdtempSync(join(tmpdir(), 'podrole-token-page-'));
const site = await serveSite(new URL(ISSUER).hostname, join(folder, 'www'));
const iam = await startMemoryIam();
after(async () => {
  await Promise.all([site.close(), iam.stop()]);
  rmSync(folder, { recursive: true });
});

async function run(commands: string, env: Readonly<Record<string, string>>): Promise<string> {
  const shell = spawn('bash', ['--norc', '-euo', 'pipefail', '-c', `${PRELUDE}\n${commands}`], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const outputs = Promise.all([text(shell.stdout), text(shell.stderr)]);
  const [status] = await once(shell, 'exit');
  const [stdout, stderr] = await outputs;
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}

test('docs/token.md leads from nothing to a role', async () => {
  assert.deepEqual(others, []);
  writeFileSync(join(folder, 'ca.crt'), site.ca);
  const printed = await run(onYourMachine, {
    ...{ AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example', AWS_REGION: 'eu-central-1' },
    ...{ AWS_ENDPOINT_URL_IAM: iam.url, AWS_ENDPOINT_URL_STS: iam.url },
    ...{ PODROLE_VERIFY_CA: 'ca.crt', PODROLE_VERIFY_CONNECT_TO: site.address },
    PODROLE_THUMBPRINT: '990F4193972F2BECF12DDEDA5237F9C952F20D9E',
  });
  assert.match(printed, /role hosts-vm-1: create/);
  const trustPolicy = JSON.parse(iam.roles.get('hosts-vm-1')?.trustPolicy ?? '');
  const sts = await serveHostSts({ issuer: ISSUER, site, trustPolicy, role: 'hosts-vm-1' });
  try {
    const who = await run(onTheVm, { AWS_ENDPOINT_URL_STS: sts.url });
    assert.match(who, /arn:aws:sts::111122223333:assumed-role\/hosts-vm-1\//);
  } finally {
    await sts.close();
  }
});
