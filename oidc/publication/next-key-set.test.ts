import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DAY_SECONDS, makeKeys } from '../../testing/oidc/publication.ts';
import { publishedKey } from '../keys/jwks.ts';
import { type KeySetEntry, parseKeySet } from '../keys/key-set.ts';
import type { ServedKey } from '../keys/served-key.ts';
import { type KeySetFacts, type KeyState, nextKeySet } from './next-key-set.ts';

const keys = makeKeys(4);
const [one, two] = keys as [ServedKey, ServedKey];
const NOW = new Date('2026-01-10T00:00:00Z');
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1_000);

function published(...these: readonly ServedKey[]): readonly KeySetEntry[] {
  return parseKeySet({ keys: these.map(({ kid, publicKey }) => publishedKey(kid, publicKey)) }, 'test');
}

function next(facts: Partial<KeySetFacts>) {
  return nextKeySet({
    published: [],
    served: [one],
    unservedSince: new Map(),
    prune: false,
    dropKeyIds: new Set(),
    stillServed: new Set(),
    tokenLifetimeSeconds: DAY_SECONDS,
    now: NOW,
    certificateOf: undefined,
    ...facts,
  });
}

const cases: readonly {
  readonly name: string;
  readonly facts: Partial<KeySetFacts>;
  readonly two: KeyState['state'] | undefined;
}[] = [
  { name: 'a new key is added', facts: { served: [one, two] }, two: 'added' },
  { name: 'a published key stays', facts: { published: published(two), served: [two] }, two: 'kept' },
  { name: 'one that is no longer served stays', facts: { published: published(two) }, two: 'unserved' },
  {
    name: 'prune drops none that was not noticed before',
    facts: { published: published(two), prune: true },
    two: 'unserved',
  },
  {
    name: 'prune drops none that a token may need for a second more',
    facts: {
      published: published(two),
      prune: true,
      unservedSince: new Map([[two.kid, ago(DAY_SECONDS - 1)]]),
    },
    two: 'unserved',
  },
  {
    name: 'prune drops one whose last token has expired',
    facts: { published: published(two), prune: true, unservedSince: new Map([[two.kid, ago(DAY_SECONDS)]]) },
    two: 'pruned',
  },
  {
    name: 'without prune it stays however old',
    facts: { published: published(two), unservedSince: new Map([[two.kid, ago(9 * DAY_SECONDS)]]) },
    two: 'unserved',
  },
  {
    name: 'a served key stays whatever the notes say',
    facts: {
      published: published(two),
      served: [two],
      prune: true,
      unservedSince: new Map([[two.kid, ago(9 * DAY_SECONDS)]]),
    },
    two: 'kept',
  },
  {
    name: 'one that is named goes at once',
    facts: { published: published(two), dropKeyIds: new Set([two.kid]) },
    two: 'pruned',
  },
  {
    name: 'one that the API server serves is not noted',
    facts: { published: published(two), stillServed: new Set([two.kid]) },
    two: 'kept',
  },
];
for (const { name, facts, two: expected } of cases) {
  test(name, () => {
    const { states, keys: nextKeys } = next(facts);
    assert.equal(states.find(({ kid }) => kid === two.kid)?.state, expected);
    assert.equal(
      nextKeys.some(({ kid }) => kid === two.kid),
      expected !== 'pruned',
    );
  });
}

const stillServed: readonly (readonly [string, Partial<KeySetFacts>])[] = [
  [
    'prune, while the API server serves a key that the files lack',
    { prune: true, stillServed: new Set([two.kid]) },
  ],
  ['a named key that the source serves', { served: [two], dropKeyIds: new Set([two.kid]) }],
  [
    'a named key that the API server serves',
    { stillServed: new Set([two.kid]), dropKeyIds: new Set([two.kid]) },
  ],
];
for (const [name, facts] of stillServed) {
  test(`refuses ${name}`, () => {
    assert.throws(() => next({ published: published(two), ...facts }), { code: 'KEY_STILL_SERVED' });
  });
}

test('unknown members of a published key stay, and so does a key of an unknown type', () => {
  const known = { ...publishedKey(one.kid, one.publicKey), note: 'mine', key_ops: ['verify'] };
  const unknown = { kty: 'OKP', crv: 'Ed25519', x: 'AA', kid: 'other' };
  const nameless = { kty: 'OKP', crv: 'Ed25519', x: 'AB' };
  const facts = { published: parseKeySet({ keys: [known, unknown, nameless] }, 'test'), prune: true };
  assert.deepEqual(new Set(next(facts).keys), new Set([known, unknown, nameless]));
});

test('a published key with the id of another key is refused', () => {
  const entry = parseKeySet({ keys: [publishedKey(one.kid, two.publicKey)] }, 'test');
  assert.throws(() => next({ published: entry }), { code: 'KEY_CONFLICT' });
});

test('a published private key is refused', () => {
  const entry = parseKeySet({ keys: [{ ...publishedKey(two.kid, two.publicKey), d: 'AA' }] }, 'test');
  assert.throws(() => next({ published: entry }), { code: 'PRIVATE_KEY_PUBLISHED' });
});

test('more keys than IAM reads are refused', () => {
  assert.throws(() => next({ served: makeKeys(101) }), { code: 'TOO_MANY_KEYS' });
});

test('the keys are in the order of their ids, whatever the order of the source', () => {
  const ordered = next({ served: keys }).keys;
  assert.deepEqual(next({ served: keys.toReversed() }).keys, ordered);
  assert.deepEqual(next({ published: published(two), served: keys }).keys, ordered);
});

test('certificates are added once, to keys that have none', () => {
  const certificateOf = () => 'CERT';
  const own = parseKeySet({ keys: [{ ...publishedKey(two.kid, two.publicKey), x5c: ['OWN'] }] }, 'test');
  const { keys: made } = next({ published: own, certificateOf });
  assert.deepEqual(
    new Map(made.map(({ kid, x5c }) => [kid, x5c])),
    new Map([
      [one.kid, ['CERT']],
      [two.kid, ['OWN']],
    ]),
  );
  const again = next({ published: parseKeySet({ keys: made }, 'test'), certificateOf: () => 'ANOTHER' });
  assert.deepEqual(again.keys, made);
});

/** History of a cluster: at each step some keys are served, and a publication runs some time later. */
const history = fc.array(
  fc.record({
    served: fc.subarray([...keys], { minLength: 1 }),
    prune: fc.boolean(),
    afterSeconds: fc.integer({ min: 0, max: DAY_SECONDS }),
  }),
  { minLength: 1, maxLength: 12 },
);

test('the set only grows without prune; with it every key stays for a token lifetime after it was last seen', () => {
  fc.assert(
    fc.property(history, (steps) => {
      let entries: readonly KeySetEntry[] = [];
      let unservedSince: KeySetFacts['unservedSince'] = new Map();
      let nowSeconds = 1_000;
      const lastSeen = new Map<string, number>();
      for (const { served, prune, afterSeconds } of steps) {
        nowSeconds += afterSeconds;
        const now = new Date(nowSeconds * 1_000);
        const before = entries.map(({ kid }) => kid ?? '');
        const result = next({ published: entries, served, prune, unservedSince, now });
        const after = new Set(result.keys.map(({ kid }) => String(kid)));
        for (const { kid } of served) {
          lastSeen.set(kid, nowSeconds);
          assert.ok(after.has(kid));
        }
        for (const kid of before) {
          const isDue = prune && nowSeconds - (lastSeen.get(kid) ?? nowSeconds) >= DAY_SECONDS;
          assert.ok(after.has(kid) || isDue, `${kid} went too early`);
        }
        unservedSince = new Map([...result.unservedSince].filter(([kid]) => after.has(kid)));
        entries = parseKeySet({ keys: result.keys }, 'test');
      }
    }),
  );
});
