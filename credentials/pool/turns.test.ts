import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createTurns, type TurnKind, type Turns } from './turns.ts';

const NEVER = new AbortController().signal;

/** `a` for `a-1`; a name without a number is its own owner. */
const ownerOf = (name: string) => name.replace(/-\d+$/, '');

/** Asks for turns in order, and notes who has begun. */
function queue(turns: Turns, asked: readonly (readonly [name: string, kind: TurnKind])[]) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  for (const [name, kind] of asked) {
    turns.take(ownerOf(name), kind, NEVER).then(
      (end) => {
        begun.push(name);
        ends.set(name, end);
      },
      () => {},
    );
  }
  return { begun, end: (name: string) => ends.get(name)?.() };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('first exchanges and others take turns alternately, each in their order', async () => {
  const turns = createTurns(1);
  const { begun, end } = queue(turns, [
    ...(['a1', 'a2', 'a3'] as const).map((name) => [name, 'again'] as const),
    ...(['f1', 'f2', 'f3', 'f4', 'f5'] as const).map((name) => [name, 'first'] as const),
  ]);
  await settled();
  for (let at = 0; at < 8; at += 1) {
    end(begun.at(-1) ?? '');
    await settled();
  }
  assert.deepEqual(begun, ['a1', 'f1', 'a2', 'f2', 'a3', 'f3', 'f4', 'f5']);
  assert.equal(turns.waiting(), 0);
});

test('a pod with many roles does not delay pods with one', async () => {
  const turns = createTurns(1);
  const many = Array.from({ length: 5 }, (_, at) => `many-${at}`);
  const asked = [...many, 'one', 'two-1', 'two-2'].map((name) => [name, 'first'] as const);
  const { begun, end } = queue(turns, asked);
  await settled();
  while (turns.waiting() > 0) {
    end(begun.at(-1) ?? '');
    await settled();
  }
  assert.deepEqual(begun, ['many-0', 'many-1', 'one', 'two-1', 'many-2', 'two-2', 'many-3', 'many-4']);
});

test('who gives up leaves the queue, and takes no turn', async () => {
  const turns = createTurns(1);
  const end = await turns.take('pod', 'first', NEVER);
  const stop = new AbortController();
  const given = turns.take('pod', 'first', stop.signal);
  const last = turns.take('pod', 'again', NEVER);
  assert.equal(turns.waiting(), 2);
  stop.abort(new Error('gone'));
  await assert.rejects(given, /gone/);
  assert.equal(turns.waiting(), 1);
  end();
  (await last)();
  await assert.rejects(turns.take('pod', 'first', stop.signal), /gone/);
  (await turns.take('pod', 'first', NEVER))();
});

test('never more turns than allowed, and nobody waits for ever', async () => {
  const step = fc.record({
    kind: fc.constantFrom<TurnKind>('first', 'again'),
    givesUp: fc.boolean(),
    owner: fc.nat(3),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(step, { maxLength: 60 }),
      async (most, steps) => {
        const turns = createTurns(most);
        let running = 0;
        let ended = 0;
        let left = 0;
        const work = steps.map(async ({ kind, givesUp, owner }, at) => {
          const stop = new AbortController();
          const taken = turns.take(`pod-${owner}`, kind, stop.signal);
          if (givesUp && at % 2 === 0) stop.abort();
          try {
            const end = await taken;
            running += 1;
            assert.ok(running <= most);
            await settled();
            running -= 1;
            end();
            ended += 1;
          } catch {
            left += 1;
          }
        });
        await Promise.all(work);
        assert.equal(ended + left, steps.length);
        assert.equal(turns.waiting(), 0);
      },
    ),
    { numRuns: 50 },
  );
});
