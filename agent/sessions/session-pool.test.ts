import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExchangedSession } from '../../credentials/exchange/exchange.ts';
import { ExchangeError, type Retry } from '../../credentials/exchange/exchange-error.ts';
import type { ExchangeResult } from '../../credentials/session-keeper.ts';
import { codeOf } from '../../lib/errors.ts';
import { sampleGrant, samplePod, sampleRole } from '../../testing/agent/sample-pod.ts';
import { createVirtualTime } from '../../testing/virtual-time.ts';
import type { Grant } from '../pods/grant.ts';
import type { NodePod } from '../pods/node-pod.ts';
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
    clock,
    random: () => 0.5,
    onResult: (_pod, _grant, result) => results.push(result),
    onRefused: () => {
      refused.count += 1;
    },
    exchange: (pod, grant) => (signal) => {
      exchanges.push(`${pod.name} ${grant.role.name}`);
      underWay += 1;
      most.underWay = Math.max(most.underWay, underWay);
      const { promise, resolve, reject } = Promise.withResolvers<ExchangedSession>();
      signal.addEventListener('abort', () => reject(signal.reason));
      clock.after(EXCHANGE_MS, () => {
        underWay -= 1;
        const retry = failing.get(grant.role.name);
        if (retry) reject(failure(retry));
        else resolve(sessionFor(pod, grant, clock.now()));
      });
      return promise;
    },
  });
  /** Access key of the served session, or the code of the error. */
  const serve = (pod: NodePod, grant = pod.grants[0] ?? sampleGrant()) =>
    pool
      .sessionsOf(pod, grant)
      .current()
      .then(
        ({ accessKeyId }) => accessKeyId,
        (thrown: unknown) => codeOf(thrown) ?? String(thrown),
      );
  return { time, pool, failing, exchanges, results, most, refused, serve };
}

function failure(retry: Retry): ExchangeError {
  const code = retry === 'late' ? 'STS_REFUSED' : 'STS_FAILED';
  return new ExchangeError({ code, object: 'STS', problem: 'p', remedy: 'r' }, retry);
}

function sessionFor(pod: NodePod, { role, target }: Grant, obtainedAt: Date): ExchangedSession {
  const accessKeyId = [pod.uid, role.name, target?.role.name].filter(Boolean).join(' ');
  const expiration = new Date(obtainedAt.getTime() + LIFETIME_MS);
  const session = { accessKeyId, secretAccessKey: 's', sessionToken: 't', expiration, obtainedAt };
  return { session, lifetimeMs: LIFETIME_MS, clockAheadMs: 0 };
}

test('110 cold pods with ten callers each: one exchange for each pod, each caller gets its own role', async () => {
  const { time, pool, exchanges, most, serve } = createPool();
  const pods = Array.from({ length: 110 }, (_, at) => samplePod(`app-${at}`));
  const served = pods.flatMap((pod) => Array.from({ length: 10 }, () => serve(pod)));
  assert.equal(pool.counts().waiting, 110 - 16);
  await time.pass(7 * EXCHANGE_MS);
  const expected = pods.flatMap(({ uid, name }) => Array.from({ length: 10 }, () => `${uid} ${name}`));
  assert.deepEqual(await Promise.all(served), expected);
  assert.deepEqual([exchanges.length, most.underWay], [110, 16]);
  assert.deepEqual(pool.counts(), { sessions: 110, waiting: 0 });
});

test('nothing is asked for before somebody asks', async () => {
  const { time, pool, exchanges } = createPool();
  for (let at = 0; at < 10; at += 1) pool.sessionsOf(samplePod('web'), sampleGrant());
  await time.pass(MINUTE_MS);
  assert.deepEqual([exchanges.length, pool.counts().sessions], [0, 0]);
});

test('pods of one role, and roles of one pod, have sessions of their own', async () => {
  const { time, exchanges, serve } = createPool();
  const role = sampleRole('shared');
  const target = (name: string, hasSessionTags = true) => ({ role: sampleRole(name), hasSessionTags });
  const grants: readonly Grant[] = [
    sampleGrant({ role }),
    sampleGrant({ role, container: 'sidecar', token: { volumeName: 'other', path: 'token' } }),
    sampleGrant({ role, sessionName: 'named' }),
    sampleGrant({ role, target: target('one') }),
    sampleGrant({ role, target: target('one', false) }),
    sampleGrant({ role, target: target('two') }),
    sampleGrant({ role: sampleRole('second') }),
  ];
  const pods = [samplePod('a'), samplePod('b')];
  const served = pods.flatMap((pod) =>
    grants.flatMap((grant) => [serve(pod, grant), serve(pod, { ...grant })]),
  );
  await time.pass(MINUTE_MS);
  const ofPod = ({ uid }: NodePod) =>
    ['shared', 'shared', 'shared', 'shared one', 'shared one', 'shared two', 'second']
      .map((name) => `${uid} ${name}`)
      .flatMap((key) => [key, key]);
  assert.deepEqual(await Promise.all(served), pods.flatMap(ofPod));
  assert.equal(exchanges.length, pods.length * grants.length);
});

test('a role that STS refuses delays neither other roles nor other pods', async () => {
  const { time, failing, exchanges, serve } = createPool();
  failing.set('bad', 'late');
  const bad = sampleGrant({ role: sampleRole('bad') });
  const tenants = Array.from({ length: 100 }, (_, at) => samplePod(`tenant-${at}`, { grants: [bad] }));
  for (const pod of tenants) void serve(pod);
  await time.pass(MINUTE_MS);
  // They go on to fail, now and then; at any time a pod that starts is served within two exchanges.
  for (let at = 0; at < 50; at += 1) {
    await time.pass(1_730);
    const before = time.nowMs();
    let servedAtMs = Number.POSITIVE_INFINITY;
    void serve(samplePod(`good-${at}`)).then(() => {
      servedAtMs = time.nowMs();
    });
    await time.pass(2 * EXCHANGE_MS);
    assert.ok(servedAtMs - before <= 2 * EXCHANGE_MS, `${servedAtMs - before}`);
  }
  const refused = serve(tenants[0] ?? samplePod(''));
  await time.pass(MINUTE_MS);
  assert.equal(await refused, 'STS_REFUSED');
  assert.ok(exchanges.length > 100);
});

test('callers of a role that fails make no exchanges of their own', async () => {
  const { time, failing, exchanges, serve } = createPool();
  failing.set('bad', 'late');
  const pod = samplePod('bad');
  void serve(pod);
  await time.pass(EXCHANGE_MS);
  for (let at = 0; at < 1_000; at += 1) assert.equal(await serve(pod), 'STS_REFUSED');
  assert.equal(exchanges.length, 1);
  failing.clear();
  await time.pass(MINUTE_MS);
  assert.equal(await serve(pod), 'uid-bad bad');
});

test('a session is renewed ahead while its pod asks for it', async () => {
  const { time, exchanges, results, serve } = createPool();
  const pod = samplePod('web');
  const served = serve(pod);
  await time.pass(EXCHANGE_MS);
  await served;
  for (let hour = 0; hour < 24; hour += 1) {
    await time.pass(55 * MINUTE_MS);
    const before = exchanges.length;
    assert.equal(await serve(pod), 'uid-web web');
    assert.equal(exchanges.length, before, 'it is served at once');
  }
  assert.ok(exchanges.length >= 40);
  assert.equal(results.length, exchanges.length);
});

test('a session that nobody asked for during a whole lifetime is dropped, and made again on demand', async () => {
  const { time, pool, exchanges, serve } = createPool();
  const pod = samplePod('web');
  void serve(pod);
  await time.pass(24 * 60 * MINUTE_MS);
  assert.equal(exchanges.length, 2, 'at its start, and after half an hour');
  assert.deepEqual(pool.counts(), { sessions: 0, waiting: 0 });
  const served = serve(pod);
  await time.pass(EXCHANGE_MS);
  assert.equal(await served, 'uid-web web');
});

test('a role that STS never gives is given up when nobody asks any more', async () => {
  const { time, pool, failing, exchanges, serve } = createPool();
  failing.set('bad', 'late');
  void serve(samplePod('bad'));
  await time.pass(60 * MINUTE_MS);
  assert.equal(pool.counts().sessions, 0);
  assert.ok(exchanges.length < 20);
});

test('a pod that is gone: its callers are answered, nothing is renewed, and its UID has no session', async () => {
  const { time, pool, exchanges, serve } = createPool();
  const pods = Array.from({ length: 40 }, (_, at) => samplePod(`app-${at}`));
  const served = pods.map((pod) => serve(pod));
  const [first, last] = [pods[0] ?? samplePod(''), pods[39] ?? samplePod('')];
  pool.forget(first.uid);
  pool.forget(last.uid);
  pool.forget('uid-unknown');
  await time.pass(10 * EXCHANGE_MS);
  const codes = await Promise.all(served);
  assert.deepEqual([codes[0], codes[39], codes[1]], ['POD_GONE', 'POD_GONE', 'uid-app-1 app-1']);
  assert.ok(!exchanges.includes('app-39 app-39'), 'it left the queue');
  assert.deepEqual(pool.counts(), { sessions: 38, waiting: 0 });
  for (const { uid } of pods) pool.forget(uid);
  const before = exchanges.length;
  await time.pass(120 * MINUTE_MS);
  assert.deepEqual([pool.counts().sessions, exchanges.length], [0, before]);
});

test('bounds: 16 sessions of a pod, 4096 in all; others keep theirs', async () => {
  const { time, pool, serve, refused } = createPool();
  const greedy = samplePod('greedy');
  const roles = Array.from({ length: 17 }, (_, at) => sampleGrant({ role: sampleRole(`role-${at}`) }));
  const ofGreedy = roles.map((grant) => serve(greedy, grant));
  assert.equal(await ofGreedy[16], 'TOO_MANY_SESSIONS');
  const others = Array.from({ length: 4_080 }, (_, at) => serve(samplePod(`app-${at}`)));
  assert.equal(await serve(samplePod('one-more')), 'TOO_MANY_SESSIONS');
  await time.pass(MINUTE_MS);
  const served = await Promise.all([...ofGreedy.slice(0, 16), ...others]);
  assert.ok(served.every((key) => key.startsWith('uid-')));
  pool.forget('uid-app-0');
  const late = serve(samplePod('one-more'));
  await time.pass(EXCHANGE_MS);
  assert.equal(await late, 'uid-one-more one-more');
  assert.equal(refused.count, 2);
});

test('after the stop no exchange begins', async () => {
  const { time, pool, exchanges, serve } = createPool();
  const served = [serve(samplePod('a')), serve(samplePod('b'))];
  pool.stop();
  await time.pass(120 * MINUTE_MS);
  assert.deepEqual(await Promise.all(served), ['STOPPING', 'STOPPING']);
  assert.equal(await serve(samplePod('c')), 'STOPPING');
  assert.equal(exchanges.length, 0);
});
