import assert from 'node:assert/strict';
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { listen } from '../lib/http/serve.ts';
import { iamRefusal } from '../testing/aws/iam-server.ts';
import { useBindSite } from '../testing/bind/bind-site.ts';
import { createAuthority } from '../testing/certificates/certificates.ts';
import { waitFor } from '../testing/wait-for.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-closed-output-'));
after(() => rmSync(folder, { recursive: true }));
const site = useBindSite();
const running = new Set<ChildProcess>();
after(() => {
  for (const child of running) child.kill('SIGKILL');
});

function start(args: readonly string[], stdio: StdioOptions = 'pipe', env: NodeJS.ProcessEnv = {}) {
  const launcher = join(import.meta.dirname, 'podrole.js');
  const child = spawn(process.execPath, [launcher, ...args], { stdio, env: { ...process.env, ...env } });
  running.add(child);
  return child;
}

/** Binds shop/web in a process of its own. */
function startBind(stdio?: StdioOptions) {
  const policies = ['a', 'b', 'c'].map((name) => `arn:aws:iam::aws:policy/${name}`).join();
  const args = ['bind', '-n', 'shop', 'web', '--attach-policy-arn', policies, '--approve'];
  args.push('--thumbprint', '0'.repeat(40), '--account-id', site.iam.account, '--kube-api', site.cluster.url);
  return start(args, stdio);
}

const WRITES = [
  'CreateOpenIDConnectProvider',
  'CreateRole',
  ...['AttachRolePolicy', 'AttachRolePolicy', 'AttachRolePolicy'],
];

for (const closed of [['stdout'], ['stderr'], ['stdout', 'stderr']] as const) {
  test(`bind makes all changes although nobody reads ${closed.join(' and ')}`, async () => {
    const child = startBind();
    for (const name of closed) child[name]?.destroy();
    for (const stream of [child.stdout, child.stderr]) stream?.resume();
    assert.deepEqual(await once(child, 'close'), [0, null]);
    assert.deepEqual(site.iam.writes(), WRITES);
  });
}

test('a failure shows in the exit code although nobody reads stdout', async () => {
  site.iam.refuse = ({ action }) =>
    action === 'CreateRole' ? iamRefusal(403, 'AccessDenied', 'no') : undefined;
  const child = startBind();
  child.stdout?.destroy();
  const [ended, stderr] = await Promise.all([once(child, 'close'), text(child.stderr ?? Readable.from([]))]);
  assert.deepEqual(ended, [3, null]);
  assert.match(stderr, /CreateRole/);
});

test('a full disk does not stop changes, but the command fails', async () => {
  const full = openSync('/dev/full', 'w');
  const child = startBind(['ignore', full, 'pipe']);
  closeSync(full);
  const [ended, stderr] = await Promise.all([once(child, 'close'), text(child.stderr ?? Readable.from([]))]);
  assert.deepEqual(ended, [3, null]);
  assert.match(stderr, /^error: stdout: .*; check what this run changed, .* \[NOT_WRITTEN\]$/m);
  assert.deepEqual(site.iam.writes(), WRITES);
});

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const { cert, key } = await (await createAuthority('closed output')).issue(['localhost']);
const { publicKey } = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const HEALTH = ['--metrics-port', '0', '--log-level', 'debug'];
const SERVERS: readonly (readonly string[])[] = [
  [
    ...['webhook', '--tls-cert', file('tls.crt', cert), '--tls-key', file('tls.key', key), '--port', '0'],
    ...['--service-accounts', file('accounts.yaml', ''), ...HEALTH],
  ],
  ['sidecar', '--port', '0', ...HEALTH],
  [
    ...['publish', '--serve', '--issuer', 'https://oidc.example.com', '--port', '0', ...HEALTH],
    ...['--tls-cert', file('tls.crt', cert), '--tls-key', file('tls.key', key)],
    ...['--key-file', file('sa.pub', publicKey)],
  ],
];

test('a server whose log is on a full disk serves, and ends on SIGTERM', async () => {
  // The log does not say which port it has.
  const [port, metricsPort] = [await freePort(), await freePort()];
  const full = openSync('/dev/full', 'w');
  const env = {
    AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/web',
    AWS_WEB_IDENTITY_TOKEN_FILE: file('token', 'a.b.c'),
    AWS_REGION: 'eu-central-1',
  };
  const args = ['sidecar', '--port', `${port}`, '--metrics-port', `${metricsPort}`, '--log-level', 'debug'];
  const child = start(args, ['ignore', full, 'pipe'], env);
  closeSync(full);
  const isHealthy = async () => (await fetch(`http://127.0.0.1:${metricsPort}/healthz`)).ok;
  await waitFor(isHealthy, 'the sidecar serves');
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, 0, '127.0.0.1');
  server.close();
  return port;
}

for (const args of SERVERS) {
  test(`${args[0]} serves on when nobody reads its log any more`, async () => {
    const env = {
      AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/web',
      AWS_WEB_IDENTITY_TOKEN_FILE: file('token', 'a.b.c'),
      AWS_REGION: 'eu-central-1',
    };
    const child = start(args, 'pipe', env);
    const { stdout, stderr } = child;
    assert.ok(stdout && stderr);
    let said = '';
    stderr.on('data', (chunk) => {
      said += String(chunk);
    });
    let health: string | undefined;
    for await (const line of createInterface({ input: stdout })) {
      said += `${line}\n`;
      const { msg, port, metricsPort } = JSON.parse(line);
      if (msg !== 'listening') continue;
      health = `http://127.0.0.1:${metricsPort ?? port}/healthz`;
      break;
    }
    assert.ok(health, said);
    stdout.destroy();
    stderr.destroy();
    for (let request = 0; request < 5; request += 1) {
      assert.equal((await fetch(health)).status, 200);
    }
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });
}
