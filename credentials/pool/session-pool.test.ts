import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from '../../lib/errors.ts';
import { createVirtualTime } from '../../testing/virtual-time.ts';
import type { ExchangedSession } from '../exchange/exchange.ts';
import { ExchangeError, type Retry } from '../exchange/exchange-error.ts';
import type { ExchangeResult } from '../session-keeper.ts';
import { openSessionPool } from './session-pool.ts';

const MINUTE_MS = 60_000;
const EXCHANGE_MS = 100;
const LIFETIME_MS = 60 * MINUTE_MS;

/** A pool whose exchanges take 100 ms of a time that passes by the test. */
function createPool() {
  const time = createVirtualTime();
  const clock = time.clock();
  /** Roles that STS refuses, or for which it fails. */
  const failing = new Map<string, Retry>();
  const exchanges: string[] = [];
  const results: ExchangeResult[] = [];
  const most = { underWay: 0 };
  const refused = { count: 0 };
  let underWay = 0;
  const pool = openSessionPool({
    keeper: 'agent of this node',
    clock,
    random: () => 0.5,
    onRefused: () => {
      refused.count += 1;
    },
  });
  const sessionsOf = (name: string, role = name) =>
    pool.sessionsOf({
      owner: { id: `uid-${name}`, name: `pod shop/${name}` },
      key: role,
      onResult: (result) => results.push(result),
      createExchange: () => (signal) => {
        exchanges.push(`${name} ${role}`);
        underWay += 1;
        most.underWay = Math.max(most.underWay, underWay);
        const { promise, resolve, reject } = Promise.withResolvers<ExchangedSession>();
        signal.addEventListener('abort', () => reject(signal.reason));
        clock.after(EXCHANGE_MS, () => {
          underWay -= 1;
          const retry = failing.get(role);
          if (retry) reject(failure(retry));
          else resolve(sessionFor(`uid-${name} ${role}`, clock.now()));
        });
        return promise;
      },
    });
  /** Access key of the served session, or the code of the error. */
  const serve = (name: string, role = name) =>
    sessionsOf(name, role)
      .current()
      .then(
        ({ accessKeyId }) => accessKeyId,
        (thrown: unknown) => codeOf(thrown) ?? String(thrown),
      );
  return { time, pool, failing, exchanges, results, most, refused, sessionsOf, serve };
}

function failure(retry: Retry): ExchangeError {
  const code = retry === 'late' ? 'STS_REFUSED' : 'STS_FAILED';
  return new ExchangeError({ code, object: 'STS', problem: 'p', remedy: 'r' }, retry);
}

function sessionFor(accessKeyId: string, obtainedAt: Date): ExchangedSession {
  const expiration = new Date(obtainedAt.getTime() + LIFETIME_MS);
  const session = { accessKeyId, secretAccessKey: 's', sessionToken: 't', expiration, obtainedAt };
  return { session, lifetimeMs: LIFETIME_MS, clockAheadMs: 0 };
}

test('110 cold workloads with ten callers each: one exchange for each, each caller gets its own role', async () => {
  const { time, pool, exchanges, most, serve } = createPool();
  const names = Array.from({ length: 110 }, (_, at) => `app-${at}`);
  const served = names.flatMap((name) => Array.from({ length: 10 }, () => serve(name)));
  assert.equal(pool.counts().waiting, 110 - 16);
  await time.pass(7 * EXCHANGE_MS);
  const expected = names.flatMap((name) => Array.from({ length: 10 }, () => `uid-${name} ${name}`));
  assert.deepEqual(await Promise.all(served), expected);
  assert.deepEqual([exchanges.length, most.underWay], [110, 16]);
  assert.deepEqual(pool.counts(), { sessions: 110, waiting: 0 });
});

test('nothing is asked for before somebody asks', async () => {
  const { time, pool, exchanges, sessionsOf } = createPool();
  for (let at = 0; at < 10; at += 1) sessionsOf('web');
  await time.pass(MINUTE_MS);
  assert.deepEqual([exchanges.length, pool.counts().sessions], [0, 0]);
});

test('two owners with the same key, and two keys of one owner, have sessions of their own', async () => {
  const { time, exchanges, serve } = createPool();
  const asked = ['a', 'b'].flatMap((name) => ['one', 'two', 'one'].map((role) => [name, role] as const));
  const served = asked.map(([name, role]) => serve(name, role));
  await time.pass(MINUTE_MS);
  assert.deepEqual(
    await Promise.all(served),
    asked.map(([name, role]) => `uid-${name} ${role}`),
  );
  assert.deepEqual(exchanges, ['a one', 'a two', 'b one', 'b two']);
});

test('a role that STS refuses delays neither other roles nor other workloads', async () => {
  const { time, failing, exchanges, serve } = createPool();
  failing.set('bad', 'late');
  const tenants = Array.from({ length: 100 }, (_, at) => `tenant-${at}`);
  for (const name of tenants) void serve(name, 'bad');
  await time.pass(MINUTE_MS);
  // They go on to fail, now and then; at any time a workload that starts is served within two exchanges.
  for (let at = 0; at < 50; at += 1) {
    await time.pass(1_730);
    const before = time.nowMs();
    let servedAtMs = Number.POSITIVE_INFINITY;
    void serve(`good-${at}`).then(() => {
      servedAtMs = time.nowMs();
    });
    await time.pass(2 * EXCHANGE_MS);
    assert.ok(servedAtMs - before <= 2 * EXCHANGE_MS, `${servedAtMs - before}`);
  }
  const refused = serve('tenant-0', 'bad');
  await time.pass(MINUTE_MS);
  assert.equal(await refused, 'STS_REFUSED');
  assert.ok(exchanges.length > 100);
});

test('callers of a role that fails make no exchanges of their own', async () => {
  const { time, failing, exchanges, serve } = createPool();
  failing.set('bad', 'late');
  void serve('bad');
  await time.pass(EXCHANGE_MS);
  for (let at = 0; at < 1_000; at += 1) assert.equal(await serve('bad'), 'STS_REFUSED');
  assert.equal(exchanges.length, 1);
  failing.clear();
  await time.pass(MINUTE_MS);
  assert.equal(await serve('bad'), 'uid-bad bad');
});

test('a session is renewed ahead while its owner asks for it', async () => {
  const { time, exchanges, results, serve } = createPool();
  const served = serve('web');
  await time.pass(EXCHANGE_MS);
  await served;
  for (let hour = 0; hour < 24; hour += 1) {
    await time.pass(55 * MINUTE_MS);
    const before = exchanges.length;
    assert.equal(await serve('web'), 'uid-web web');
    assert.equal(exchanges.length, before, 'it is served at once');
  }
  assert.ok(exchanges.length >= 40);
  assert.equal(results.length, exchanges.length);
});

test('a session that nobody asked for during a whole lifetime is dropped, and made again on demand', async () => {
  const { time, pool, exchanges, serve } = createPool();
  void serve('web');
  await time.pass(24 * 60 * MINUTE_MS);
  assert.equal(exchanges.length, 2, 'at its start, and after half an hour');
  assert.deepEqual(pool.counts(), { sessions: 0, waiting: 0 });
  const served = serve('web');
  await time.pass(EXCHANGE_MS);
  assert.equal(await served, 'uid-web web');
});

test('a role that STS never gives is given up when nobody asks any more', async () => {
  const { time, pool, failing, exchanges, serve } = createPool();
  failing.set('bad', 'late');
  void serve('bad');
  await time.pass(60 * MINUTE_MS);
  assert.equal(pool.counts().sessions, 0);
  assert.ok(exchanges.length < 20);
});

test('an owner that is forgotten: its callers are answered, nothing is renewed, and it has no session', async () => {
  const { time, pool, exchanges, serve } = createPool();
  const names = Array.from({ length: 40 }, (_, at) => `app-${at}`);
  const served = names.map((name) => serve(name));
  pool.forget('uid-app-0');
  pool.forget('uid-app-39');
  pool.forget('uid-unknown');
  await time.pass(10 * EXCHANGE_MS);
  const codes = await Promise.all(served);
  assert.deepEqual(
    [codes[0], codes[39], codes[1]],
    ['SESSION_DROPPED', 'SESSION_DROPPED', 'uid-app-1 app-1'],
  );
  assert.ok(!exchanges.includes('app-39 app-39'), 'it left the queue');
  assert.deepEqual(pool.counts(), { sessions: 38, waiting: 0 });
  for (const name of names) pool.forget(`uid-${name}`);
  const before = exchanges.length;
  await time.pass(120 * MINUTE_MS);
  assert.deepEqual([pool.counts().sessions, exchanges.length], [0, before]);
});

test('bounds: 16 sessions of an owner, 4096 in all; others keep theirs', async () => {
  const { time, pool, serve, refused } = createPool();
  const ofGreedy = Array.from({ length: 17 }, (_, at) => serve('greedy', `role-${at}`));
  assert.equal(await ofGreedy[16], 'TOO_MANY_SESSIONS');
  const others = Array.from({ length: 4_080 }, (_, at) => serve(`app-${at}`));
  assert.equal(await serve('one-more'), 'TOO_MANY_SESSIONS');
  await time.pass(MINUTE_MS);
  const served = await Promise.all([...ofGreedy.slice(0, 16), ...others]);
  assert.ok(served.every((key) => key.startsWith('uid-')));
  pool.forget('uid-app-0');
  const late = serve('one-more');
  await time.pass(EXCHANGE_MS);
  assert.equal(await late, 'uid-one-more one-more');
  assert.equal(refused.count, 2);
});

test('after the stop no exchange begins', async () => {
  const { time, pool, exchanges, serve } = createPool();
  const served = [serve('a'), serve('b')];
  pool.stop();
  await time.pass(120 * MINUTE_MS);
  assert.deepEqual(await Promise.all(served), ['STOPPING', 'STOPPING']);
  assert.equal(await serve('c'), 'STOPPING');
  assert.equal(exchanges.length, 0);
});
