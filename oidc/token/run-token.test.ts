import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { readSettings } from '../../lib/settings/settings.ts';
import { collectLog } from '../../testing/processes/collected-log.ts';
import { Collector } from '../../testing/processes/collector.ts';
import { NO_SIGNALS } from '../../testing/processes/no-signals.ts';
import { until } from '../../testing/until.ts';
import { createVirtualTime } from '../../testing/virtual-time.ts';
import { createSigningKey } from '../keys/create-signing-key.ts';
import { runToken } from './run-token.ts';
import { tokenSettings } from './settings.ts';

const root = mkdtempSync(join(tmpdir(), 'podrole-run-token-'));
after(() => rmSync(root, { recursive: true }));

const MINUTE = 60_000;

test('each renewal reads the key again; while there is none, the old token stays', async () => {
  const [one, two] = await Promise.all([
    createSigningKey('ec-p256', join(root, 'one')),
    createSigningKey('ec-p256', join(root, 'two')),
  ]);
  const file = join(root, 'token', 'token');
  const settings = readSettings(
    tokenSettings,
    { signingKey: one.privateKeyFile, issuer: 'https://a.test', subject: 'vm', watch: file },
    {},
  );
  const time = createVirtualTime();
  const log = collectLog();
  const stopping = new AbortController();
  const running = runToken(settings, {
    ...NO_SIGNALS,
    ...{ stdout: new Collector(), stderr: new Collector(), env: {} },
    ...{ clock: time.clock(), random: () => 0.5, logger: log.logger, signal: stopping.signal },
  });
  const written = () => log.text().split('"msg":"token written"').length - 1;
  const passUntil = (holds: () => boolean, what: string) =>
    until(async () => {
      await time.pass(MINUTE / 2);
      return holds();
    }, what);
  try {
    await passUntil(() => written() === 1, 'the first token');
    const first = readFileSync(file, 'utf8');
    assert.equal(decodeProtectedHeader(first).kid, one.kid);

    renameSync(one.privateKeyFile, join(root, 'away'));
    await passUntil(() => log.text().includes('UNREADABLE_FILE'), 'a failed renewal');
    assert.equal(readFileSync(file, 'utf8'), first);

    renameSync(two.privateKeyFile, one.privateKeyFile);
    await passUntil(() => written() === 2, 'the next token');
    const next = readFileSync(file, 'utf8');
    assert.equal(decodeProtectedHeader(next).kid, two.kid);
    assert.notEqual(decodeJwt(next).jti, decodeJwt(first).jti);
  } finally {
    stopping.abort();
    await time.pass(0);
    await running;
  }
  assert.ok(!log.text().includes(readFileSync(file, 'utf8').slice(0, 40)), 'the log holds no token');
});
