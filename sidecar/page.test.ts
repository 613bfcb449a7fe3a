import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { useStsPeer } from '../testing/aws/sts-peer.ts';
import { startPodrole } from '../testing/processes/server-process.ts';

const page = readFileSync(new URL('../docs/sidecar.md', import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'podrole-sidecar-page-'));
const tokenFile = join(folder, 'token');
writeFileSync(tokenFile, 'header.payload.signature');
const peer = await useStsPeer();
const sidecar = await startPodrole(
  [
    ...['sidecar', '--role-arn', 'arn:aws:iam::111122223333:role/web', '--token-file', tokenFile],
    ...['--region', 'eu-central-1', '--port', '0', '--metrics-port', '0'],
  ],
  { env: { AWS_ENDPOINT_URL_STS: peer.url } },
);
await sidecar.line(({ msg }) => msg === 'session obtained');
after(async () => {
  await sidecar.stop();
  rmSync(folder, { recursive: true });
});

const skip = spawnSync('curl', ['--version']).status !== 0 && 'there is no curl';

for (const [, block = ''] of page.matchAll(/^```sh sidecar\n(.*?)^```$/gms)) {
  test(`docs/sidecar.md: ${block.trim()}`, { skip }, async () => {
    const { port, metricsPort } = sidecar.listening;
    const commands = block.replaceAll('9911', String(port)).replaceAll('9912', String(metricsPort));
    const shell = spawn('bash', ['-euo', 'pipefail', '-c', commands], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [printed, [status]] = await Promise.all([text(shell.stdout), once(shell, 'close')]);
    assert.equal(status, 0);
    assert.match(printed, /ASIAPEEREXAMPLE|"ready":true/);
  });
}
