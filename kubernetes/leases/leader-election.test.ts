import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { PodroleError } from '../../lib/errors.ts';
import { collectLog } from '../../testing/processes/collected-log.ts';
import { createVirtualTime } from '../../testing/virtual-time.ts';
import { leaseTiming } from './decision.ts';
import { createLeaseHolder } from './holder.ts';
import { runElection } from './leader-election.ts';
import type { StoredLease } from './record.ts';
import type { LeaseStore } from './store.ts';

/** A Lease in memory that answers at once, unless it is told not to. */
function memoryLease() {
  let stored: StoredLease | undefined;
  let version = 0;
  const lease = {
    holder: () => stored?.record.holder,
    reads: 0,
    fails: false,
    /** Runs while a write is on its way back. */
    beforeAnswer: async () => {},
    write: (holder: string) => {
      const record = stored?.record ?? assert.fail('no Lease yet');
      version += 1;
      stored = { record: { ...record, holder }, object: { version } };
    },
    store: {
      name: 'Lease test/test',
      read: async () => {
        lease.reads += 1;
        refuse();
        return stored;
      },
      write: async (record, previous) => {
        refuse();
        if (previous?.object['version'] !== stored?.object['version']) return 'raced';
        version += 1;
        const written = { record, object: { version } };
        stored = written;
        await lease.beforeAnswer();
        return written;
      },
    } satisfies LeaseStore as LeaseStore,
  };
  const refuse = () => {
    if (lease.fails)
      throw new PodroleError({ code: 'API_UNREACHABLE', object: 'x', problem: 'y', remedy: 'z' });
  };
  return lease;
}

let time = createVirtualTime();
let lease = memoryLease();
const stops = new Set<AbortController>();
beforeEach(() => {
  time = createVirtualTime();
  lease = memoryLease();
});
after(() => {
  for (const stop of stops) stop.abort();
});

interface Candidate {
  readonly terms: AbortSignal[];
  readonly finish: () => void;
  readonly stop: AbortController;
  readonly done: Promise<void>;
  readonly looks: unknown[];
  readonly log: () => string;
}

/** @param ends whether the work ends by itself when it is told to; else `finish` ends it */
function start(identity: string, ends = true): Candidate {
  const stop = new AbortController();
  stops.add(stop);
  const terms: AbortSignal[] = [];
  const looks: unknown[] = [];
  const { logger, text } = collectLog();
  let finish = () => {};
  const lead = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      terms.push(signal);
      finish = resolve;
      if (ends) signal.addEventListener('abort', () => resolve());
    });
  const done = runElection(
    {
      store: lease.store,
      identity,
      timing: leaseTiming(15_000),
      clock: time.clock(),
      random: () => 0,
      logger,
      lead,
      onLook: (failure) => looks.push(failure),
    },
    stop.signal,
  );
  return { terms, stop, done, looks, finish: () => finish(), log: text };
}

test('the first candidate leads and renews without reading, and the second one waits', async () => {
  const one = start('one');
  await time.pass(10);
  const two = start('two');
  await time.pass(100_000);
  assert.equal(one.terms.length, 1);
  assert.equal(one.terms[0]?.aborted, false);
  assert.equal(two.terms.length, 0);
  assert.equal(lease.holder(), 'one');
  assert.equal(lease.reads, 1 + 51, 'one look of the leader, one each two seconds of the other');
  one.stop.abort();
  await one.done;
  assert.equal(lease.holder(), '');
  await time.pass(2_000);
  assert.equal(two.terms.length, 1, 'the next leads as soon as it looks');
});

test('another candidate follows a dead leader when its Lease has expired', async () => {
  const one = start('one', false);
  await time.pass(10);
  lease.write('dead');
  const two = start('two');
  await time.pass(14_000);
  assert.deepEqual([one.terms.length, two.terms.length], [1, 0]);
  await time.pass(4_000);
  assert.equal(two.terms.length, 1);
});

test('a leader that cannot renew stops before the Lease may be taken, and leads again later', async () => {
  const one = start('one');
  // Two renewals, the second after four seconds.
  await time.pass(5_000);
  lease.fails = true;
  await time.pass(8_990);
  assert.equal(one.terms[0]?.aborted, false);
  await time.pass(20);
  assert.equal(one.terms[0]?.aborted, true);
  assert.equal(one.terms[0]?.reason.code, 'LEASE_LOST');
  assert.match(one.log(), /could not be renewed in time/);
  assert.ok(one.looks.some((failure) => failure instanceof PodroleError));
  lease.fails = false;
  await time.pass(2_000);
  assert.equal(one.terms.length, 2);
});

test('work that goes on after the Lease is lost keeps this candidate from another term', async () => {
  const one = start('one', false);
  await time.pass(10);
  lease.fails = true;
  await time.pass(20_000);
  lease.fails = false;
  await time.pass(20_000);
  assert.equal(one.terms.length, 1);
  one.finish();
  await time.pass(5_000);
  assert.equal(one.terms.length, 2);
});

test('a leader that finds another in its place stops at once', async () => {
  const one = start('one');
  await time.pass(10);
  lease.write('two');
  // The renewal is refused, the next look says who it is.
  await time.pass(4_000);
  assert.equal(one.terms[0]?.aborted, true);
  assert.match(one.log(), /is held by two/);
  assert.equal(lease.holder(), 'two');
  one.stop.abort();
  await one.done;
  assert.equal(lease.holder(), 'two', 'what is held by another is not given back');
});

test('the Lease is kept until the work has ended', async () => {
  const one = start('one', false);
  await time.pass(10);
  one.stop.abort();
  assert.equal(one.terms[0]?.aborted, true);
  await time.pass(30_000);
  assert.equal(lease.holder(), 'one');
  const two = start('two');
  await time.pass(30_000);
  assert.equal(two.terms.length, 0, 'it is renewed as well');
  one.finish();
  await one.done;
  assert.equal(lease.holder(), '');
});

test('failing to give the Lease back is not an error', async () => {
  const one = start('one');
  await time.pass(10);
  lease.fails = true;
  one.stop.abort();
  await one.done;
  assert.match(one.log(), /Lease not given back/);
});

test('the Lease counts from when its renewal was sent, not from when it was answered', async () => {
  const clock = time.clock();
  const holder = createLeaseHolder({
    store: lease.store,
    identity: 'one',
    timing: leaseTiming(15_000),
    clock,
  });
  lease.beforeAnswer = () => new Promise((resolve) => clock.after(4_000, resolve));
  const held = holder.hold(new AbortController().signal);
  await time.pass(4_000);
  assert.deepEqual(await held, { state: 'held', untilMs: 10_000 });
});
