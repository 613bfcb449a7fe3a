import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCli } from '../testing/processes/cli.ts';
import { until } from '../testing/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-interrupt-'));
after(() => rmSync(folder, { recursive: true }));
const fifo = join(folder, 'fifo');
spawnSync('mkfifo', [fifo]);
const keys = join(folder, 'keys');
await runCli(['keys', 'create', '--out', keys, '--type', 'ec-p256']);
const ISSUER = ['--issuer', 'https://oidc.example.com', '--key-file', join(keys, 'sa.pub')];
const ROOT = `${import.meta.dirname}/..`;

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['cli/podrole.js', ...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: folder, ...env },
  });
  // A test that fails must not leave it: a file of tests ends only after its processes.
  after(() => child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  return { child, stderr: () => stderr, ended: once(child, 'close') };
}

test('SIGTERM ends a command that waits for a file system which does not answer', async () => {
  // The AWS SDK opens these files itself. Opening a FIFO without a writer blocks a thread for ever.
  const env = { AWS_CONFIG_FILE: fifo, AWS_SHARED_CREDENTIALS_FILE: fifo, AWS_EC2_METADATA_DISABLED: 'true' };
  const run = start(['publish', '--to', 's3://keys', '--verify=false', ...ISSUER], env);
  await until(() => run.stderr().includes('publishing ('), 'the publication begins');
  run.child.kill('SIGTERM');
  const [code, signal] = await run.ended;
  assert.deepEqual([code, signal], [null, 'SIGTERM']);
  assert.match(run.stderr(), /\nerror: podrole: was interrupted by SIGTERM; run again \[STOPPED\]\n$/);
});

test('SIGTERM ends a command at once that takes no notice of signals', async () => {
  const run = start(['inject', '-f', '-']);
  // More than a pipe holds: it is written once podrole reads.
  await new Promise((written) => run.child.stdin.write('#'.repeat(1_000_000), written));
  run.child.kill('SIGTERM');
  assert.deepEqual(await run.ended, [null, 'SIGTERM']);
  assert.match(run.stderr(), /^error: podrole: was interrupted by SIGTERM; run again \[STOPPED\]\n$/);
});

const WAITING: Readonly<Record<string, (pipe: string) => readonly string[]>> = {
  'bind -f': (pipe) => ['bind', '-f', pipe],
  'inject -f': (pipe) => ['inject', '-f', pipe],
  '--policy-file': (pipe) => ['bind', 'web', '--policy-file', pipe],
  '--kubeconfig': (pipe) => ['list', '--kubeconfig', pipe],
};
for (const [name, args] of Object.entries(WAITING)) {
  test(`SIGINT ends a command at once that waits for a silent pipe: ${name}`, async () => {
    const pipe = join(folder, `silent${name.replace(/\W/g, '')}`);
    spawnSync('mkfifo', [pipe]);
    const run = start(args(pipe));
    // Opening a pipe for writing waits for its reader.
    const writer = await open(pipe, 'w');
    await writer.write('a');
    run.child.kill('SIGINT');
    assert.deepEqual(await run.ended, [null, 'SIGINT']);
    await writer.close();
  });
}

const PLACES: readonly (readonly [to: string, exitCode: number, message: RegExp])[] = [
  [
    '/proc/x',
    3,
    /\/proc\/x\/openid\/v1\/jwks: does not exist; let this process read and write there \[TARGET_UNWRI/,
  ],
  ['/proc/self/fd/x/y', 3, /does not exist; .*\[TARGET_UNWRITABLE\]/],
  ['/dev/full', 3, /is a path through a file that is not a folder; name a folder \[TARGET_UNREADABLE\]/],
  [fifo, 3, /is a path through a file that is not a folder; name a folder \[TARGET_UNREADABLE\]/],
  [
    'gs://keys',
    2,
    /--to gs:\/\/keys: is a URL, .*; publish to a folder and upload it; .*\[INVALID_SETTING\]/,
  ],
  ['https://oidc.example.com', 2, /--to https:\/\/oidc.example.com: is a URL/],
];
for (const [to, exitCode, message] of PLACES) {
  test(`publish and keys rotate end with an error for --to ${to.replace(folder, '')}`, async () => {
    const published = await runCli(['publish', '--to', to, '--verify=false', ...ISSUER]);
    assert.equal(published.exitCode, exitCode);
    assert.match(published.stderr, message);
    if (exitCode === 3) return;
    for (const more of [['--watch'], ['--dry-run']])
      assert.match((await runCli(['publish', '--to', to, ...more, ...ISSUER])).stderr, message);
    const rotated = await runCli([
      'keys',
      'rotate',
      'status',
      '--to',
      to,
      '--kube-api',
      'http://127.0.0.1:1',
    ]);
    assert.equal(rotated.exitCode, 2);
    assert.match(rotated.stderr, message);
    assert.ok(!existsSync(join(ROOT, 'gs:')) && !existsSync('gs:') && !existsSync('https:'));
  });
}

writeFileSync(join(folder, 'file'), '');
for (const [out, message] of [
  ['/proc/x', /^error: \/proc\/x: does not exist; let this process write there \[NOT_WRITTEN\]\n$/],
  ['/dev/full', /is a path through a file that is not a folder; name a folder with --out \[NOT_WRITTEN\]\n$/],
  [
    join(folder, 'file'),
    /is a path through a file that is not a folder; name a folder with --out \[NOT_WRITTEN\]\n$/,
  ],
  [
    's3://keys',
    /^error: --out: is "s3:\/\/keys", must be a folder, not a URL; see --help \[INVALID_SETTING\]\n$/,
  ],
] as const) {
  test(`keys create ends with an error for --out ${out.replace(folder, '')}`, async () => {
    const { exitCode, stderr } = await runCli(['keys', 'create', '--out', out, '--type', 'ec-p256']);
    assert.notEqual(exitCode, 0);
    assert.match(stderr, message);
    assert.ok(!existsSync('s3:'));
  });
}
