import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { collectLog } from '../../testing/processes/collected-log.ts';
import { createVirtualTime, type VirtualTime } from '../../testing/virtual-time.ts';
import { leaseTiming } from './decision.ts';
import { runElection } from './leader-election.ts';
import type { LeaseRecord, StoredLease } from './record.ts';
import type { LeaseStore } from './store.ts';

/** Fate of one request: its times to the store and back, in ms, and the loss of it or of its answer. */
interface Passage {
  readonly thereMs: number;
  readonly backMs: number;
  readonly lost: 'no' | 'request' | 'answer';
}

const passage: fc.Arbitrary<Passage> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ thereMs: fc.nat(200), backMs: fc.nat(200), lost: fc.constant('no') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      thereMs: fc.nat(12_000),
      backMs: fc.nat(12_000),
      lost: fc.constantFrom('no', 'request', 'answer'),
    }),
  },
);
const elector = fc.record({
  clockOffsetMs: fc.integer({ min: -1e9, max: 1e9 }),
  clockRate: fc.double({ min: 0.9, max: 1.1, noNaN: true }),
  passages: fc
    .array(fc.tuple(passage, fc.integer({ min: 1, max: 8 })), { minLength: 1, maxLength: 20 })
    .map((runs) => runs.flatMap(([one, times]) => Array.from({ length: times }, () => one))),
  randoms: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 10 }),
  /** Stops and, a second later, takes part again under another name. */
  stopsAfterMs: fc.option(fc.nat(100_000), { nil: undefined }),
  /**
   * Time that its work continues after the signal to stop. A leader that lost the Lease does not count as a
   * leader from then on.
   */
  workEndsMs: fc.nat(3_000),
});

/** A Lease with compare-and-swap, and nothing that could go wrong but the way to it. */
function createModel(time: VirtualTime) {
  let stored: StoredLease | undefined;
  let version = 0;
  const revisionOf = (lease: StoredLease | undefined) => lease?.object['revision'];

  function write(record: LeaseRecord, previous: StoredLease | undefined): StoredLease | 'raced' {
    if (revisionOf(stored) !== revisionOf(previous)) return 'raced';
    version += 1;
    stored = { record, object: { revision: version } };
    return stored;
  }

  /** The store as one elector reaches it. */
  function reachedBy(passages: readonly Passage[]): LeaseStore {
    const clock = time.clock();
    let calls = 0;
    const call = <T>(act: () => T, timeoutMs: number, signal: AbortSignal) =>
      new Promise<T>((resolve, reject) => {
        const { thereMs, backMs, lost } = passages[calls++ % passages.length] ?? assert.fail();
        clock.after(timeoutMs, () => reject(new Error('timed out')));
        signal.addEventListener('abort', () => reject(new Error('aborted')));
        if (lost === 'request') return;
        clock.after(thereMs, () => {
          const answer = act();
          if (lost === 'no') clock.after(backMs, () => resolve(answer));
        });
      });
    return {
      name: 'Lease model/model',
      read: ({ timeoutMs, signal }) => call(() => stored, timeoutMs, signal),
      write: (record, previous, { timeoutMs, signal }) =>
        call(() => write(record, previous), timeoutMs, signal),
    };
  }

  return { reachedBy, holder: () => stored?.record.holder };
}

test('two never lead at once, whatever clocks and network do; without trouble one leads', async () => {
  let terms = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(elector, { minLength: 2, maxLength: 3 }), async (electors) => {
      const time = createVirtualTime();
      const model = createModel(time);
      const leaders = new Set<string>();
      const clashes: string[] = [];
      const stops: AbortController[] = [];
      const elections: Promise<void>[] = [];

      function start(name: string, options: (typeof electors)[number], passages: readonly Passage[]) {
        const stop = new AbortController();
        stops.push(stop);
        let draws = 0;
        const lead = (signal: AbortSignal) =>
          new Promise<void>((resolve) => {
            if (signal.aborted) return resolve();
            terms += 1;
            leaders.add(name);
            if (leaders.size > 1) clashes.push(`${[...leaders]} at ${time.nowMs()} ms`);
            signal.addEventListener('abort', () => {
              // Told to stop it may still work, while it holds the Lease; without the Lease it may not.
              const isLost = !stop.signal.aborted;
              if (isLost) leaders.delete(name);
              time.clock().after(options.workEndsMs, () => {
                leaders.delete(name);
                resolve();
              });
            });
          });
        elections.push(
          runElection(
            {
              store: model.reachedBy(passages),
              identity: name,
              timing: leaseTiming(15_000),
              clock: time.clock(options.clockOffsetMs, options.clockRate),
              random: () => options.randoms[draws++ % options.randoms.length] ?? 0,
              logger: collectLog().logger,
              lead,
              onLook: () => {},
            },
            stop.signal,
          ),
        );
        return stop;
      }

      for (const [at, options] of electors.entries()) {
        const first = start(`elector-${at}`, options, options.passages);
        const { stopsAfterMs } = options;
        if (stopsAfterMs === undefined) continue;
        time.clock().after(stopsAfterMs, () => first.abort());
        time
          .clock()
          .after(stopsAfterMs + 1_000, () =>
            start(`elector-${at}-again`, options, [...options.passages].reverse()),
          );
      }
      await time.pass(180_000);
      for (const stop of stops) stop.abort();
      await time.pass(120_000);
      await Promise.all(elections);
      assert.deepEqual(clashes, []);
      assert.equal(leaders.size, 0);
      start('late', { ...(electors[0] ?? assert.fail()), workEndsMs: 0 }, [
        { thereMs: 1, backMs: 1, lost: 'no' },
      ]);
      await time.pass(40_000);
      assert.deepEqual([...leaders], ['late']);
      for (const stop of stops) stop.abort();
      await time.pass(40_000);
      assert.equal(model.holder(), '');
      await Promise.all(elections);
    }),
    { numRuns: 60 },
  );
  assert.ok(terms > 100, `${terms} terms`);
});
