import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JWKS_CACHE_SECONDS, TOKEN_EXPIRY_GRACE_SECONDS } from '../../lib/contract/sts.ts';
import type { Task } from './decide/verdict.ts';
import type { Evidence } from './evidence/evidence.ts';
import { phaseOf, type RotationState, type RotationStep } from './state/state.ts';
import { takeStep } from './steps/take-step.ts';

/**
 * A cluster of two API servers whose operator follows podrole's instructions, in any order and at any pace.
 * Steps run at any time, are interrupted and run again, and keys vanish from the publication. Every API
 * server issues the longest token at every moment. The key of every live token is always published, and STS
 * has always fetched it.
 */
type Action =
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'step'; readonly step: RotationStep; readonly cutAfter: number; readonly hours: number }
  | { readonly do: 'add-new' | 'drop-new' | 'drop-old' | 'sign-new' | 'sign-old'; readonly server: 0 | 1 }
  | { readonly do: 'vanish' };

interface ApiServer {
  readonly verifiesWith: Set<string>;
  signsWith: string;
}

class CutOff extends Error {}

class World {
  nowMs = Date.UTC(2026, 0, 1);
  readonly tokenSeconds: number;
  state: RotationState | undefined;
  readonly published = new Map([['old', Number.NEGATIVE_INFINITY]]);
  readonly servers: readonly ApiServer[] = [0, 1].map(() => ({
    verifiesWith: new Set(['old']),
    signsWith: 'old',
  }));
  /** Kid and end of the longest-lived token of each key. */
  readonly tokens = new Map<string, number>();
  /** The last instruction to the operator. */
  task: Task | undefined;
  readonly finished: string[] = [];

  constructor(tokenSeconds: number) {
    this.tokenSeconds = tokenSeconds;
  }

  evidence(): Evidence {
    const apiServers = this.servers.map(({ verifiesWith, signsWith }, at) => ({
      name: `server-${at}`,
      verifiesWith: [...verifiesWith],
      signsWith,
      clockAheadMs: 0,
    }));
    const publishedKids = [...this.published.keys()];
    return { apiServers, publishedKids, publicKids: publishedKids, faults: [], notes: [] };
  }

  async act(action: Action): Promise<void> {
    if (action.do === 'wait') this.nowMs += action.seconds * 1_000;
    else if (action.do === 'step') await this.step(action.step, action.cutAfter, action.hours * 3_600);
    else if (action.do === 'vanish') this.vanish();
    else await this.operate(action.do, action.server);
    this.mint();
    this.check();
  }

  async step(step: RotationStep, cutAfter: number, lifetimeSeconds: number): Promise<void> {
    let effects = 0;
    const effect = (change: () => void) => async () => {
      change();
      effects += 1;
      this.check();
      if (effects === cutAfter) throw new CutOff();
    };
    const { state } = this;
    const tokenLifetimeSeconds = Math.max(this.tokenSeconds, lifetimeSeconds);
    try {
      const { verdict } = await takeStep(
        step,
        { state, issuer: 'https://oidc.example.com', newKid: 'new', tokenLifetimeSeconds },
        {
          collect: async () => this.evidence(),
          nowMs: () => this.nowMs,
          record: (recorded) =>
            effect(() => {
              this.state = recorded;
            })(),
          publish: (change) => effect(() => this.publish(change))(),
        },
      );
      this.task = verdict.kind === 'waiting' ? verdict.task : undefined;
      if (verdict.kind === 'complete') this.finished.push(step);
    } catch (thrown) {
      if (!(thrown instanceof CutOff)) throw thrown;
      this.task = undefined;
    }
  }

  publish(change: { readonly add: string } | { readonly drop: string }): void {
    if ('drop' in change) this.published.delete(change.drop);
    else if (!this.published.has(change.add)) this.published.set(change.add, this.nowMs);
  }

  /**
   * Somebody else's mistake, before any API server may sign with the new key; later, no rotation could
   * correct it.
   */
  vanish(): void {
    const maySign = this.task === 'switch' || this.servers.some(({ signsWith }) => signsWith === 'new');
    if (!maySign && (this.tokens.get('new') ?? 0) <= this.nowMs) this.published.delete('new');
  }

  /** Changes an API server, if podrole says so or it cannot do harm. */
  async operate(change: Exclude<Action['do'], 'wait' | 'step' | 'vanish'>, at: 0 | 1): Promise<void> {
    const server = this.servers[at];
    const phase = this.state && phaseOf(this.state);
    if (!server) return;
    if (change === 'add-new') server.verifiesWith.add('new');
    if (change === 'drop-old' && this.task === 'finish') server.verifiesWith.delete('old');
    if (change === 'drop-new' && this.task === 'untrust') server.verifiesWith.delete('new');
    if (change === 'sign-new' && this.task === 'switch') server.signsWith = 'new';
    if (change === 'sign-old' && phase !== 'finishing' && phase !== 'finished') {
      server.signsWith = 'old';
      // podrole sees an API server that switches back after the switch, but not what was undone before it
      // looked.
      if (phase === 'switched') await this.step(at === 0 ? 'switch' : 'finish', 0, 0);
    }
  }

  mint(): void {
    for (const { signsWith } of this.servers) {
      const publishedAtMs = this.published.get(signsWith) ?? Number.POSITIVE_INFINITY;
      assert.ok(
        publishedAtMs + JWKS_CACHE_SECONDS * 1_000 <= this.nowMs,
        `${signsWith} signs ${(this.nowMs - publishedAtMs) / 1_000} s after it was published`,
      );
      this.tokens.set(signsWith, this.nowMs + (this.tokenSeconds + TOKEN_EXPIRY_GRACE_SECONDS) * 1_000);
    }
  }

  check(): void {
    for (const [kid, untilMs] of this.tokens) {
      assert.ok(
        untilMs <= this.nowMs || this.published.has(kid),
        `${kid} is not published, and its tokens live for ${(untilMs - this.nowMs) / 1_000} s`,
      );
    }
  }
}

const server = fc.constantFrom(0 as const, 1 as const);
const step = fc.record({
  do: fc.constant('step' as const),
  step: fc.constantFrom<RotationStep>('start', 'trust', 'switch', 'switch', 'finish', 'finish', 'abort'),
  cutAfter: fc.constantFrom(0, 0, 0, 1, 2),
  hours: fc.constantFrom(0, 0, 0, 30),
});
const change = fc.record({
  do: fc.constantFrom('add-new', 'add-new', 'drop-new', 'drop-old', 'sign-new', 'sign-new', 'sign-old'),
  server,
});
const wait = fc.record({
  do: fc.constant('wait' as const),
  seconds: fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.constantFrom(3_599, 3_600, 86_400, 200_000)),
});
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: step },
  { weight: 5, arbitrary: change },
  { weight: 4, arbitrary: wait },
  { weight: 1, arbitrary: fc.constant({ do: 'vanish' as const }) },
) as fc.Arbitrary<Action>;

const take = (name: RotationStep): Action => ({ do: 'step', step: name, cutAfter: 0, hours: 0 });
const both = (name: 'add-new' | 'drop-new' | 'drop-old' | 'sign-new' | 'sign-old'): readonly Action[] => [
  { do: name, server: 0 },
  { do: name, server: 1 },
];
const later = (seconds: number): Action => ({ do: 'wait', seconds });

const UNTIL_SWITCH: readonly Action[] = [
  take('start'),
  ...both('add-new'),
  take('trust'),
  later(3_600),
  take('switch'),
];
/** The whole rotation, and an abort in the middle of the switch; other things happen between their parts. */
const WAY: readonly Action[] = [
  ...UNTIL_SWITCH,
  ...both('sign-new'),
  take('switch'),
  later(200_000),
  take('finish'),
  ...both('drop-old'),
  take('finish'),
];
const WAY_BACK: readonly Action[] = [
  ...UNTIL_SWITCH,
  { do: 'sign-new', server: 0 },
  { do: 'sign-old', server: 0 },
  take('abort'),
  later(200_000),
  take('abort'),
  ...both('drop-new'),
  take('abort'),
];
/** Waits that are just long enough for something, or just too short. */
const anyWait = fc.constantFrom(
  0,
  599,
  600,
  899,
  900,
  3_599,
  3_600,
  3_899,
  3_900,
  86_399,
  86_400,
  86_699,
  86_700,
);
const wandering = fc.constantFrom(WAY, WAY, WAY_BACK).chain((way) => {
  const detours = fc.array(
    fc.oneof({ weight: 6, arbitrary: fc.constant([]) }, fc.array(action, { maxLength: 2 })),
    {
      minLength: way.length,
      maxLength: way.length,
    },
  );
  return fc.tuple(detours, fc.array(anyWait, { minLength: 2, maxLength: 2 })).map(([between, waits]) => {
    const left = [...waits];
    const own = way.map((each) => (each.do === 'wait' ? later(left.pop() ?? 0) : each));
    return own.flatMap((each, at) => [...(between[at] ?? []), each]);
  });
});
const tokenSeconds = fc.constantFrom(600, 3_600, 86_400);

async function run(seconds: number, actions: readonly Action[]): Promise<World> {
  const world = new World(seconds);
  for (const each of actions) await world.act(each);
  return world;
}

test('a rotation ends with the new key alone', async () => {
  const { published, finished } = await run(86_400, WAY);
  assert.deepEqual([[...published.keys()], finished], [['new'], ['start', 'trust', 'switch', 'finish']]);
});

test('an abort ends with the old key alone', async () => {
  const { published, finished } = await run(86_400, WAY_BACK);
  assert.deepEqual([[...published.keys()], finished], [['old'], ['start', 'trust', 'abort']]);
});

test('no live token is ever without its key, in rotations with detours', async () => {
  const reached = new Set<string>();
  await fc.assert(
    fc.asyncProperty(tokenSeconds, wandering, async (seconds, actions) => {
      for (const each of (await run(seconds, actions)).finished) reached.add(each);
    }),
    { numRuns: 3_000 },
  );
  // Otherwise the runs prove nothing about these.
  for (const each of ['switch', 'finish', 'abort']) assert.ok(reached.has(each), each);
});

test('no live token is ever without its key, whatever happens in any order', async () => {
  const actions = fc.array(action, { minLength: 20, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(tokenSeconds, actions, async (seconds, all) => {
      await run(seconds, all);
    }),
    { numRuns: 1_000 },
  );
});
