import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readSettings } from '../lib/settings/settings.ts';
import { answerXml, credentialsXml, stsErrorXml, useStsPeer } from '../testing/aws/sts-peer.ts';
import { collectLog } from '../testing/processes/collected-log.ts';
import { until } from '../testing/until.ts';
import { createVirtualTime } from '../testing/virtual-time.ts';
import { runSidecar } from './run-sidecar.ts';
import { sidecarSettings } from './settings.ts';

const root = mkdtempSync(join(tmpdir(), 'podrole-follow-'));
const peer = await useStsPeer();
after(() => rmSync(root, { recursive: true }));

const GOOD = 'eyJhbGciOiJSUzI1NiJ9.good.token';
const OLD = 'eyJhbGciOiJSUzI1NiJ9.old.token';

let folders = 0;
/** A folder like a projected volume: `token` leads through `..data`, which is swapped. */
function projectedVolume() {
  folders += 1;
  const folder = join(root, `volume-${folders}`);
  mkdirSync(folder);
  let versions = 0;
  const write = (content: string | undefined) => {
    versions += 1;
    mkdirSync(join(folder, `..${versions}`));
    if (content !== undefined) writeFileSync(join(folder, `..${versions}`, 'token'), content);
    symlinkSync(`..${versions}`, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  symlinkSync(join('..data', 'token'), join(folder, 'token'));
  return { file: join(folder, 'token'), write };
}

/** Returns the wait in seconds after the last failure that a log has. */
function lastWaitOf(log: string): number {
  return Number([...log.matchAll(/"retryInSeconds":([\d.]+)/g)].at(-1)?.[1] ?? 0);
}

const starts: readonly (readonly [name: string, first: string | undefined, code: string, error?: string])[] =
  [
    ['refused as expired', OLD, 'STS_REFUSED', 'ExpiredTokenException'],
    ['refused as invalid', OLD, 'STS_REFUSED', 'InvalidIdentityToken'],
    ['missing', undefined, 'TOKEN_UNREADABLE'],
    ['empty', '', 'TOKEN_INVALID'],
    ['too large', 'x'.repeat(100_000), 'TOKEN_UNREADABLE'],
  ];

for (const [name, first, code, error = 'ExpiredTokenException'] of starts) {
  test(`a token that is ${name} is exchanged again when its file changes, before the wait is over`, async () => {
    peer.answerWith = (request, response) => {
      const isGood = peer.calls.at(-1)?.get('WebIdentityToken') === GOOD;
      answerXml(isGood ? 200 : 400, () => (isGood ? credentialsXml() : stsErrorXml(error)))(
        request,
        response,
      );
    };
    const volume = projectedVolume();
    volume.write(first);
    const time = createVirtualTime();
    const log = collectLog();
    const stopping = new AbortController();
    const env = { AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/web', AWS_ENDPOINT_URL_STS: peer.url };
    const settings = readSettings(
      sidecarSettings,
      { tokenFile: volume.file, region: 'eu-central-1', port: '0', metricsPort: '0' },
      env,
    );
    const running = runSidecar(settings, {
      env,
      hostname: 'web',
      logger: log.logger,
      clock: time.clock(),
      random: () => 0.5,
      randomBytes: (length) => Buffer.alloc(length),
      signal: stopping.signal,
    });
    try {
      await until(async () => {
        await time.pass(500);
        return lastWaitOf(log.text()) >= 5;
      }, 'a failure with a long wait');
      assert.ok(log.text().includes(code));
      await time.pass(2_000);
      const calls = peer.calls.length;
      volume.write(GOOD);
      // Time stands still: nothing but the change can cause the exchange.
      await until(async () => {
        await time.pass(0);
        return log.text().includes('session obtained');
      }, 'a session');
      assert.equal(peer.calls.length, calls + 1);
    } finally {
      stopping.abort();
      await time.pass(60_000);
      await running;
    }
  });
}
