import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVirtualTime } from '../../../testing/virtual-time.ts';
import { LookupQueue, LookupRefusedError } from './lookup-queue.ts';

interface Scene {
  readonly queue: LookupQueue;
  /** Asks for one look-up; the promise says what became of it. */
  readonly ask: (namespace: string, name: string) => Promise<string>;
  /** Look-ups that were begun, in order. */
  readonly begun: string[];
  /** Ends the oldest that is under way. */
  readonly endOne: () => Promise<void>;
  readonly most: () => number;
  readonly pass: (ms: number) => Promise<void>;
}

function scene(limits: { atOnce: number; maxWaiting: number }): Scene {
  const time = createVirtualTime();
  const queue = new LookupQueue({ ...limits, waitMs: 1_000, after: time.clock().after });
  const begun: string[] = [];
  const running: (() => void)[] = [];
  let most = 0;
  return {
    queue,
    begun,
    most: () => most,
    pass: time.pass,
    ask: async (namespace, name) => {
      try {
        return await queue.run(namespace, async () => {
          begun.push(name);
          await new Promise<void>((resolve) => {
            running.push(resolve);
            most = Math.max(most, running.length);
          });
          return 'answered';
        });
      } catch (thrown) {
        assert.ok(thrown instanceof LookupRefusedError);
        return 'refused';
      }
    },
    endOne: async () => {
      running.shift()?.();
      await time.pass(0);
    },
  };
}

test('the limit of look-ups at once holds, and waiting ones begin in their order', async () => {
  const { ask, begun, endOne, most } = scene({ atOnce: 2, maxWaiting: 10 });
  const asked = ['a', 'b', 'c', 'd', 'e'].map((name) => ask('shop', name));
  assert.deepEqual(begun, ['a', 'b']);
  for (let ended = 0; ended < 5; ended += 1) await endOne();
  assert.deepEqual([begun, most()], [['a', 'b', 'c', 'd', 'e'], 2]);
  assert.deepEqual(new Set(await Promise.all(asked)), new Set(['answered']));
});

test('namespaces take turns: behind a flood of one, another waits for one turn', async () => {
  const { ask, begun, endOne } = scene({ atOnce: 1, maxWaiting: 1_000 });
  for (let at = 0; at < 500; at += 1) void ask('flood', `flood ${at}`);
  void ask('shop', 'one');
  void ask('shop', 'two');
  for (let ended = 0; ended < 4; ended += 1) await endOne();
  assert.deepEqual(begun, ['flood 0', 'flood 1', 'one', 'flood 2', 'two']);
});

test('a full queue refuses the namespace that fills it, not a newcomer', async () => {
  const { ask, begun, endOne } = scene({ atOnce: 1, maxWaiting: 3 });
  void ask('flood', 'running');
  const flood = ['a', 'b', 'c', 'd'].map((name) => ask('flood', name));
  assert.equal(await flood[3], 'refused');
  const honest = ask('shop', 'honest');
  assert.equal(await flood[2], 'refused');
  for (let ended = 0; ended < 4; ended += 1) await endOne();
  assert.equal(await honest, 'answered');
  assert.deepEqual(begun, ['running', 'a', 'honest', 'b']);
});

test('a look-up that waits for too long is refused, and does not run later', async () => {
  const { queue, ask, begun, endOne, pass } = scene({ atOnce: 1, maxWaiting: 10 });
  const running = ask('shop', 'running');
  const waiting = ask('shop', 'waiting');
  await pass(1_000);
  assert.equal(await waiting, 'refused');
  await endOne();
  assert.equal(await running, 'answered');
  assert.deepEqual([begun, queue.isBusy], [['running'], false]);
});
