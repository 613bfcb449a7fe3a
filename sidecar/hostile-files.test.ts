import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { useStsPeer } from '../testing/aws/sts-peer.ts';
import { startPodrole } from '../testing/processes/server-process.ts';

/**
 * Files that are not what they should be, as whoever can write the sidecar's folders might put them there.
 */
const folder = mkdtempSync(join(tmpdir(), 'podrole-hostile-'));
const peer = await useStsPeer();
after(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
const token = at('token');
writeFileSync(token, 'header.payload.signature');
const fifo = at('fifo');
spawnSync('mkfifo', [fifo]);
const huge = at('huge');
writeFileSync(huge, '');
// 300 MB that take no space on the disk.
truncateSync(huge, 300_000_000);

const HOSTILE: readonly (readonly [file: string, says: RegExp])[] = [
  [fifo, /is a FIFO, not a regular file/],
  [huge, /is larger than \d+ bytes/],
  ['/dev/zero', /is a device, not a regular file/],
  [folder, /is a directory, not a regular file/],
];

const NEEDS: readonly (readonly [variable: string, code: string])[] = [
  ['AWS_WEB_IDENTITY_TOKEN_FILE', 'TOKEN_UNREADABLE'],
  ['AWS_CA_BUNDLE', 'CA_UNREADABLE'],
];

function environment(variable: string, file: string): Record<string, string> {
  return {
    AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/web',
    AWS_WEB_IDENTITY_TOKEN_FILE: token,
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_STS: peer.url,
    [variable]: file,
  };
}

const PORTS = ['--port', '0', '--metrics-port', '0'];

for (const [variable, code] of NEEDS) {
  for (const [file, says] of HOSTILE) {
    test(`${variable}=${file.replace(folder, '')}: clients get the reason, SIGTERM works, memory stays small`, async () => {
      const sidecar = await startPodrole(['sidecar', ...PORTS], { env: environment(variable, file) });
      try {
        const failed = await sidecar.line(({ msg }) => msg === 'exchange failed');
        assert.match(JSON.stringify(failed), new RegExp(code));
        const answer = await fetch(`http://127.0.0.1:${sidecar.listening['port']}/v1/credentials`);
        assert.equal(answer.status, 503);
        assert.match(await answer.text(), says);
        const [, peakKib] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${sidecar.pid}/status`, 'utf8')) ?? [];
        assert.ok(Number(peakKib) < 150_000, `${peakKib} KiB`);
        assert.equal(await sidecar.stop('SIGTERM'), 0);
      } finally {
        await sidecar.stop('SIGKILL');
      }
    });
  }
}

test('a guard that cannot work ends the start with an error that names it', async () => {
  const empty = at('empty');
  writeFileSync(empty, '\n');
  const cases: readonly (readonly [args: readonly string[], env: Record<string, string>, says: RegExp])[] = [
    [['--authorization-token', ''], {}, /--authorization-token: is given but empty/],
    [['--authorization-token='], {}, /--authorization-token: is given but empty/],
    [['--authorization-token-file='], {}, /--authorization-token-file: is given but empty/],
    [[], { PODROLE_AUTHORIZATION_TOKEN: '' }, /PODROLE_AUTHORIZATION_TOKEN: is given but empty/],
    [[], { PODROLE_AUTHORIZATION_TOKEN_FILE: '' }, /PODROLE_AUTHORIZATION_TOKEN_FILE: is given but empty/],
    [[], { PODROLE_CREDENTIALS_PATH: '' }, /PODROLE_CREDENTIALS_PATH: is given but empty/],
    [['--metrics-host='], {}, /--metrics-host: is given but empty/],
    [['--authorization-token-file', empty], {}, /empty: is empty; write what clients must send/],
    [['--authorization-token-file', fifo], {}, /is a FIFO/],
    [['--authorization-token-file', huge], {}, /is larger than/],
    [['--authorization-token-file', at('none')], {}, /does not exist/],
  ];
  for (const [args, env, says] of cases) {
    const all = { ...environment('UNUSED', ''), ...env };
    await assert.rejects(startPodrole(['sidecar', ...PORTS, ...args], { env: all }), says);
  }
});

test('--imdsv2 required without a secret warns that container credentials are not served', async () => {
  const sidecar = await startPodrole(['sidecar', ...PORTS, '--imdsv2', 'required'], {
    env: environment('UNUSED', ''),
  });
  try {
    await sidecar.line(
      ({ level, msg }) => level === 'warn' && /^container credentials are not served: /.test(String(msg)),
    );
    const url = `http://127.0.0.1:${sidecar.listening['port']}/v1/credentials`;
    assert.equal((await fetch(url)).status, 403);
  } finally {
    await sidecar.stop();
  }
});

test('no line of the log contains a secret path', async () => {
  const secret = '/v1/credentials/5f0c1f6e-7d0a-4c58-9a55-0f1b2c3d4e5f';
  const sidecar = await startPodrole(['sidecar', ...PORTS, '--log-level', 'debug'], {
    env: environment('PODROLE_CREDENTIALS_PATH', secret),
  });
  try {
    const url = `http://127.0.0.1:${sidecar.listening['port']}`;
    assert.equal((await fetch(`${url}${secret}`)).status, 200);
    assert.equal((await fetch(`${url}/${secret}/?x`)).status, 200);
    assert.equal((await fetch(`${url}/v1/credentials`)).status, 403);
    await sidecar.line(({ status }) => status === 403);
    assert.ok(sidecar.lines.some(({ path }) => path === '/v1/credentials/…'));
    assert.doesNotMatch(JSON.stringify(sidecar.lines), /5f0c1f6e/);
  } finally {
    await sidecar.stop();
  }
});
