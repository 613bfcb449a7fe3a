import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { EXIT } from '../cli/command.ts';
import { createAuthority } from '../testing/certificates/certificates.ts';
import { runCli } from '../testing/processes/cli.ts';
import { startPodrole } from '../testing/processes/server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-webhook-command-'));
after(() => rmSync(folder, { recursive: true }));

test('the webhook logs where it listens, and exits with 0 on SIGTERM', async () => {
  const { cert, key } = await (await createAuthority('command')).issue(['localhost']);
  const path = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const server = await startPodrole([
    ...['webhook', '--tls-cert', path('tls.crt', cert), '--tls-key', path('tls.key', key)],
    ...['--service-accounts', path('accounts.yaml', ''), '--port', '0', '--metrics-port', '0'],
    // Flags of the AWS webhook that have no effect here, as its manifests write them.
    ...['--in-cluster=false', '--logtostderr', '-v=3'],
  ]);
  assert.ok(Number(server.listening['port']) > 0);
  const ready = await fetch(`http://127.0.0.1:${server.listening['metricsPort']}/readyz`);
  assert.equal(ready.status, 200);
  assert.equal(await server.stop('SIGTERM'), 0);
});

test('every fault of a start is reported, and the exit code says whose it is', async () => {
  const missing = await runCli(['webhook', '--tls-cert', join(folder, 'none'), '--service-accounts', 'none']);
  assert.equal(missing.exitCode, EXIT.failed);
  assert.match(missing.stderr, /--tls-cert .*none: does not exist/);
  const refused = await runCli(['webhook', '--in-cluster', '--certificate-lifetime', '59s']);
  assert.equal(refused.exitCode, EXIT.usage);
  assert.match(refused.stderr, /--certificate-lifetime.*1m or more/);
});
