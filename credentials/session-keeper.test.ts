import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVirtualTime, type VirtualTime } from '../testing/virtual-time.ts';
import type { ExchangedSession } from './exchange/exchange.ts';
import { ExchangeError, type Retry } from './exchange/exchange-error.ts';
import { type ExchangeResult, keepSession, type SessionKeeper } from './session-keeper.ts';

const MINUTE_MS = 60_000;

interface Kept {
  readonly time: VirtualTime;
  readonly keeper: SessionKeeper;
  readonly results: readonly ExchangeResult[];
  /** Times at which the exchanges began. */
  readonly exchanges: readonly number[];
  /** Failure of the next exchanges; undefined if they return a session. */
  failWith: Retry | undefined;
  lifetimeMs: number;
  /** Access key of the served session, or the code of the error. */
  readonly served: () => Promise<string>;
}

/** A keeper whose exchanges take 100 ms of a time that passes by the test. */
function keep(options: { failWith?: Retry; lifetimeMs?: number; random?: () => number } = {}): Kept {
  const time = createVirtualTime();
  const clock = time.clock();
  const exchanges: number[] = [];
  const results: ExchangeResult[] = [];
  const keeper = keepSession({
    clock,
    random: options.random ?? (() => 0.5),
    onResult: (result) => results.push(result),
    exchange: (signal) => {
      exchanges.push(time.nowMs());
      const obtainedAt = clock.now();
      const name = `session ${exchanges.length}`;
      const { promise, resolve, reject } = Promise.withResolvers<ExchangedSession>();
      signal.addEventListener('abort', () => reject(signal.reason));
      clock.after(100, () => {
        const { failWith, lifetimeMs } = kept;
        if (failWith !== undefined) reject(failure(failWith));
        const expiration = new Date(obtainedAt.getTime() + lifetimeMs);
        const session = {
          accessKeyId: name,
          secretAccessKey: 's',
          sessionToken: 't',
          expiration,
          obtainedAt,
        };
        resolve({ session, lifetimeMs, clockAheadMs: 0 });
      });
      return promise;
    },
  });
  const kept: Kept = {
    time,
    keeper,
    results,
    exchanges,
    failWith: options.failWith,
    lifetimeMs: options.lifetimeMs ?? 60 * MINUTE_MS,
    served: () =>
      keeper.current().then(
        ({ accessKeyId }) => accessKeyId,
        (thrown: unknown) => (thrown instanceof ExchangeError ? thrown.code : String(thrown)),
      ),
  };
  return kept;
}

const FAILURE = { soon: 'STS_FAILED', late: 'STS_REFUSED' } as const;

function failure(retry: Retry): ExchangeError {
  const code = FAILURE[retry];
  return new ExchangeError({ code, object: 'STS', problem: 'p', remedy: 'r' }, retry);
}

test('a thousand callers before the first session get it from one exchange', async () => {
  const { time, keeper, served, exchanges } = keep();
  assert.match(keeper.missing() ?? '', /on its way/);
  const waiting = Array.from({ length: 1_000 }, served);
  await time.pass(100);
  assert.deepEqual(new Set(await Promise.all(waiting)), new Set(['session 1']));
  assert.equal(keeper.missing(), undefined);
  assert.deepEqual(exchanges, [0]);
});

test('a session is renewed in the background about half way, with or without callers', async () => {
  for (const [random, minutes] of [
    [0, 27],
    [0.5, 30],
    [0.999_999, 33],
  ] as const) {
    const { time, exchanges, served } = keep({ random: () => random });
    await time.pass(100 + minutes * MINUTE_MS - 1_000);
    assert.deepEqual(exchanges, [0], `random ${random}`);
    await time.pass(1_000);
    assert.equal(exchanges.length, 2);
    // The exchange is under way: the old session is served meanwhile.
    assert.equal(await served(), 'session 1');
    await time.pass(100);
    assert.equal(await served(), 'session 2');
  }
});

test('a whole day needs one exchange each half hour', async () => {
  const { time, exchanges, results } = keep();
  await time.pass(24 * 60 * MINUTE_MS);
  assert.equal(exchanges.length, 48);
  assert.ok(results.every((result) => 'exchanged' in result));
});

test('without STS for an hour, a session is served until ten minutes are left, then the reason', async () => {
  const kept = keep();
  await kept.time.pass(100);
  kept.failWith = 'soon';
  for (let minute = 1; minute <= 49; minute += 1) {
    await kept.time.pass(MINUTE_MS);
    assert.equal(await kept.served(), 'session 1', `minute ${minute}`);
  }
  await kept.time.pass(2 * MINUTE_MS);
  assert.equal(await kept.served(), 'STS_FAILED');
  assert.match(kept.keeper.missing() ?? '', /^STS: p; r$/);
  await kept.time.pass(10 * MINUTE_MS);
  kept.failWith = undefined;
  await kept.time.pass(30_100);
  assert.match(await kept.served(), /^session /);
  assert.equal(kept.keeper.missing(), undefined);
});

test('without STS for an hour, callers with sessions of three hours notice nothing', async () => {
  for (const awayAtMinute of [0, 50, 80, 89]) {
    const kept = keep({ lifetimeMs: 180 * MINUTE_MS, random: () => 0.999 });
    await kept.time.pass(100 + awayAtMinute * MINUTE_MS);
    kept.failWith = 'soon';
    for (let minute = 0; minute < 60; minute += 1) {
      await kept.time.pass(MINUTE_MS);
      assert.equal(await kept.served(), 'session 1');
    }
    kept.failWith = undefined;
    await kept.time.pass(60 * MINUTE_MS);
    assert.notEqual(await kept.served(), 'session 1');
  }
});

test('a session of 900 s is served until a quarter of it is left', async () => {
  const kept = keep({ lifetimeMs: 15 * MINUTE_MS });
  await kept.time.pass(100);
  kept.failWith = 'soon';
  await kept.time.pass(11 * MINUTE_MS);
  assert.equal(await kept.served(), 'session 1');
  await kept.time.pass(15_000);
  assert.equal(await kept.served(), 'STS_FAILED');
});

test('passing failures are retried soon, others late; callers get the error and start nothing', async () => {
  for (const [retry, begins] of [
    ['soon', [0, 475, 1_325, 2_925]],
    ['late', [0, 7_600, 22_700, 52_800]],
  ] as const) {
    const kept = keep({ failWith: retry });
    for (let second = 0; second < 60 && kept.exchanges.length < 4; second += 1) {
      await kept.time.pass(1_000);
      if (kept.results.length === kept.exchanges.length) assert.equal(await kept.served(), FAILURE[retry]);
    }
    assert.deepEqual(kept.exchanges.slice(0, 4), begins);
  }
});

test('after a success the waits start from the first one again', async () => {
  const kept = keep({ failWith: 'soon' });
  await kept.time.pass(5 * MINUTE_MS);
  kept.failWith = undefined;
  await kept.time.pass(MINUTE_MS);
  kept.failWith = 'soon';
  await kept.time.pass(31 * MINUTE_MS);
  const firstFailure = kept.results.findLast((result) => 'exchanged' in result);
  assert.ok(firstFailure);
  const next = kept.results[kept.results.indexOf(firstFailure) + 1];
  assert.equal(next && 'failure' in next && next.retryInMs, 375);
});

test('after sleep, the first request gets a new session although the timers stood still', async () => {
  const time = createVirtualTime();
  const awake = time.clock();
  let sleptMs = 0;
  let exchanges = 0;
  const keeper = keepSession({
    clock: { ...awake, now: () => new Date(awake.now().getTime() + sleptMs) },
    random: () => 0.5,
    onResult: () => {},
    exchange: async () => {
      exchanges += 1;
      const obtainedAt = new Date(awake.now().getTime() + sleptMs);
      const expiration = new Date(obtainedAt.getTime() + 60 * MINUTE_MS);
      const session = {
        accessKeyId: `${exchanges}`,
        secretAccessKey: 's',
        sessionToken: 't',
        expiration,
        obtainedAt,
      };
      return { session, lifetimeMs: 60 * MINUTE_MS, clockAheadMs: 0 };
    },
  });
  assert.equal((await keeper.current()).accessKeyId, '1');
  sleptMs = 35 * MINUTE_MS;
  assert.equal((await keeper.current()).accessKeyId, '1', 'served, and renewed behind it');
  await time.pass(0);
  assert.equal((await keeper.current()).accessKeyId, '2');
  sleptMs += 55 * MINUTE_MS;
  assert.equal((await keeper.current()).accessKeyId, '3');
});

test('stopped without a session: callers get an error that says so', async () => {
  const { time, keeper, served } = keep({ lifetimeMs: 15 * MINUTE_MS });
  await time.pass(100);
  keeper.stop();
  await time.pass(15 * MINUTE_MS);
  assert.match(await served(), /sidecar: is shutting down/);
});

test('stopped during an exchange: it ends, callers get an error, and no exchange follows', async () => {
  const { time, keeper, served, exchanges, results } = keep();
  const waiting = served();
  keeper.stop();
  await time.pass(60 * MINUTE_MS);
  assert.match(await waiting, /sidecar: is shutting down/);
  assert.match(await served(), /sidecar: is shutting down/);
  assert.deepEqual(exchanges, [0]);
  assert.deepEqual(results, []);
});

test('after a failure, a changed token is exchanged at once, but at most once a second', async () => {
  const { time, keeper, exchanges } = keep({ failWith: 'late' });
  await time.pass(5_000);
  assert.equal(exchanges.length, 1);
  for (let change = 0; change < 100; change += 1) {
    keeper.tokenChanged();
    await time.pass(100);
  }
  assert.equal(exchanges[1], 5_000);
  assert.equal(exchanges.length, 12);
  assert.ok(exchanges.every((at, index) => at - (exchanges[index - 1] ?? -1_000) >= 1_000));
  keeper.stop();
  keeper.tokenChanged();
  await time.pass(60_000);
  assert.equal(exchanges.length, 12);
});

test('a changed token neither disturbs a session that works nor delays an attempt that is due', async () => {
  const works = keep();
  await works.time.pass(MINUTE_MS);
  works.keeper.tokenChanged();
  await works.time.pass(MINUTE_MS);
  assert.equal(works.exchanges.length, 1);
  const fails = keep({ failWith: 'soon' });
  await fails.time.pass(200);
  const due = fails.results.flatMap((result) => ('failure' in result ? [100 + result.retryInMs] : []));
  fails.keeper.tokenChanged();
  await fails.time.pass(600);
  assert.equal(fails.exchanges[1], due[0]);
});
