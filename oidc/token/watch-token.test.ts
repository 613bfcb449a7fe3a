import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../lib/clock.ts';
import { PodroleError } from '../../lib/errors.ts';
import { collectLog } from '../../testing/processes/collected-log.ts';
import { createVirtualTime } from '../../testing/virtual-time.ts';
import { watchToken } from './watch-token.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const REFUSED = { code: 'FOLDER_REFUSED', object: 'folder a', problem: 'b', remedy: 'c' } as const;

/** A watch in virtual time; `renewals` holds the minute of each attempt. */
function startWatch(lifetimeMs = HOUR) {
  const time = createVirtualTime();
  const log = collectLog();
  const stopping = new AbortController();
  const renewals: number[] = [];
  const watch = {
    failure: undefined as Error | undefined,
    stepMs: 0,
  };
  const steady = time.clock();
  const clock: Clock = { ...steady, now: () => new Date(steady.now().getTime() + watch.stepMs) };
  const renew = async (now: Date) => {
    renewals.push(Math.round(time.nowMs() / 6_000) / 10);
    if (watch.failure) throw watch.failure;
    return { token: 'secret', kid: 'kid-1', expiresAt: new Date(now.getTime() + lifetimeMs) };
  };
  const running = watchToken(
    { renew, lifetimeMs, clock, random: () => 0, logger: log.logger },
    stopping.signal,
  );
  const stop = async () => {
    stopping.abort();
    await time.pass(0);
    await running;
  };
  return { time, log, renewals, watch, running, stop };
}

test('a token is renewed at once, then each time that 80 % of its lifetime are over', async () => {
  const { time, renewals, log, stop } = startWatch();
  await time.pass(150 * MINUTE);
  assert.deepEqual(renewals, [0, 48, 96, 144]);
  await stop();
  assert.match(log.text(), /"kid":"kid-1","expiresAt":"2026-01-01T01:00:00.000Z","msg":"token written"/);
  assert.match(log.text(), /"msg":"stopped"/);
  assert.doesNotMatch(log.text(), /secret/);
});

test('a failed renewal is tried again until it succeeds, at most a minute later, and then at the usual pace', async () => {
  const { time, renewals, watch, log, stop } = startWatch();
  await time.pass(MINUTE);
  watch.failure = new Error('disk is full');
  await time.pass(59 * MINUTE);
  const tries = renewals.length;
  assert.ok(tries > 12 && tries < 40, `${tries} in 12 minutes`);
  assert.match(
    log.text(),
    /"level":"error".*disk is full.*"failures":1.*"expiresAt":"2026-01-01T01:00:00.000Z"/,
  );
  watch.failure = undefined;
  await time.pass(MINUTE);
  assert.equal(renewals.length, tries + 1);
  await time.pass(47 * MINUTE);
  assert.equal(renewals.length, tries + 1);
  await stop();
});

test('a step of the wall clock, in either direction, makes a new token within half a minute', async () => {
  for (const stepMs of [-5 * HOUR, -2 * MINUTE, 2 * MINUTE, 5 * HOUR]) {
    const { time, renewals, watch, stop } = startWatch();
    await time.pass(10 * MINUTE);
    assert.equal(renewals.length, 1);
    watch.stepMs = stepMs;
    await time.pass(MINUTE / 2);
    assert.equal(renewals.length, 2, String(stepMs));
    await time.pass(40 * MINUTE);
    assert.equal(renewals.length, 2);
    await stop();
  }
});

test('a first renewal that fails ends the watch, and so does another writer later', async () => {
  const time = createVirtualTime();
  const { logger } = collectLog();
  const failing = { renew: () => Promise.reject(new Error('first')), lifetimeMs: HOUR, random: () => 0 };
  await assert.rejects(
    watchToken({ ...failing, clock: time.clock(), logger }, new AbortController().signal),
    /first/,
  );
  const later = startWatch();
  const ended = assert.rejects(later.running, /folder a/);
  later.watch.failure = new PodroleError(REFUSED);
  await later.time.pass(49 * MINUTE);
  await ended;
});
