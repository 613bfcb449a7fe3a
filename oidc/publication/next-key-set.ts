import { type Fault, PodroleError, throwIfAny } from '../../lib/errors.ts';
import type { JsonObject } from '../../lib/json/json.ts';
import { compareText } from '../../lib/text/compare.ts';
import { publishedKey, refuseTooManyKeys } from '../keys/jwks.ts';
import { type KeySetEntry, privateMembersOf } from '../keys/key-set.ts';
import { algorithmOf, type TokenAlgorithm } from '../keys/keys.ts';
import type { ServedKey } from '../keys/served-key.ts';

/** Times at which keys that are still published disappeared from the source, by kid. */
export type UnservedSince = ReadonlyMap<string, Date>;

export interface KeySetFacts {
  /** The published key set; empty if nothing is published. */
  readonly published: readonly KeySetEntry[];
  /** The keys of the source. */
  readonly served: readonly ServedKey[];
  readonly unservedSince: UnservedSince;
  /** Drop the keys that no live token can need. */
  readonly prune: boolean;
  /** Keys to drop whatever their age, with or without prune. */
  readonly dropKeyIds: ReadonlySet<string>;
  /** Kids that the API server serves, if it is not the source and was asked. */
  readonly stillServed: ReadonlySet<string>;
  readonly tokenLifetimeSeconds: number;
  readonly now: Date;
  /** Makes the certificate of a key for `x5c`: its DER in base64. Undefined: no certificates. */
  readonly certificateOf: ((key: ServedKey) => string) | undefined;
}

/** The state of one key in the next key set. */
export interface KeyState {
  /** Undefined for a key that has none and whose type is unknown here. */
  readonly kid: string | undefined;
  /** Undefined for a type that is unknown here. */
  readonly alg: TokenAlgorithm | undefined;
  /** `unserved`: kept, although the source no longer has it. */
  readonly state: 'added' | 'kept' | 'unserved' | 'pruned';
  /** For `unserved` and `pruned`. */
  readonly unservedSince?: Date;
  /** For `unserved`: the earliest time at which `--prune` drops it. */
  readonly keptUntil?: Date;
}

export interface NextKeySet {
  /**
   * In the order of their kids, so that replicas publish the same bytes whatever order they read the keys in.
   */
  readonly keys: readonly JsonObject[];
  readonly states: readonly KeyState[];
  /** Notes for the keys that stay and for those that go. They may be written before the keys. */
  readonly unservedSince: UnservedSince;
}

/**
 * Returns the key set to publish next. A published key stays, with all its members, unless its kid is in
 * dropKeyIds, or `prune` is set and the source has been without it for a token lifetime.
 * @throws PodroleError `KEY_STILL_SERVED`, `KEY_CONFLICT`, `PRIVATE_KEY_PUBLISHED`, `TOO_MANY_KEYS`
 */
export function nextKeySet(facts: KeySetFacts): NextKeySet {
  refuseConflicts(facts);
  const served = new Map(facts.served.map((key) => [key.kid, key]));
  for (const kid of facts.dropKeyIds) {
    if (served.has(kid) || facts.stillServed.has(kid)) throw stillServedError(kid);
  }
  const publishedIds = new Set(facts.published.map(({ kid }) => kid));
  const kept = facts.published.map((entry) => ({ entry, state: stateOf(entry, served, facts) }));
  const added = facts.served.filter(({ kid }) => !publishedIds.has(kid));
  const states = [
    ...kept.map(({ state }) => state),
    ...added.map(({ kid, publicKey }): KeyState => ({ kid, alg: algorithmOf(publicKey), state: 'added' })),
  ];
  const keys = [
    ...kept.filter(({ state }) => state.state !== 'pruned').map(({ entry }) => withCertificate(entry, facts)),
    ...added.map((key) => newKey(key, facts)),
  ].toSorted((one, other) => compareText(String(one['kid'] ?? ''), String(other['kid'] ?? '')));
  refuseTooManyKeys(keys);
  const unservedSince = new Map(
    states.flatMap(({ kid, unservedSince: since }) => (kid && since ? [[kid, since] as const] : [])),
  );
  return {
    keys,
    states: states.toSorted((one, other) => compareText(one.kid ?? '', other.kid ?? '')),
    unservedSince,
  };
}

function stateOf(
  { kid, publicKey }: KeySetEntry,
  served: ReadonlyMap<string, ServedKey>,
  { unservedSince, stillServed, prune, dropKeyIds, tokenLifetimeSeconds, now }: KeySetFacts,
): KeyState {
  const known = { kid, alg: publicKey && algorithmOf(publicKey) };
  // Without a kid, the key cannot be distinguished from a served one.
  if (kid === undefined) return { ...known, state: 'kept' };
  const isServed = served.has(kid) || stillServed.has(kid);
  const isDropped = dropKeyIds.has(kid);
  if (isServed && prune && !served.has(kid)) throw stillServedError(kid);
  if (isServed) return { ...known, state: 'kept' };
  const since = unservedSince.get(kid) ?? now;
  const keptUntil = new Date(since.getTime() + tokenLifetimeSeconds * 1_000);
  if (isDropped || (prune && keptUntil <= now)) return { ...known, state: 'pruned', unservedSince: since };
  return { ...known, state: 'unserved', unservedSince: since, keptUntil };
}

function newKey(key: ServedKey, { certificateOf }: KeySetFacts): JsonObject {
  const json = publishedKey(key.kid, key.publicKey);
  return certificateOf ? { ...json, x5c: [certificateOf(key)] } : { ...json };
}

function withCertificate({ kid, publicKey, json }: KeySetEntry, { certificateOf }: KeySetFacts): JsonObject {
  if (!certificateOf || !kid || !publicKey || json['x5c'] !== undefined) return json;
  return { ...json, x5c: [certificateOf({ kid, publicKey })] };
}

function refuseConflicts({ published, served }: KeySetFacts): void {
  const byId = new Map(served.map(({ kid, publicKey }) => [kid, publicKey]));
  const faults = published.flatMap((entry) => {
    const { kid, publicKey } = entry;
    const object = `published key ${kid}`;
    const mine = kid === undefined ? undefined : byId.get(kid);
    const found: Fault[] = [];
    const secret = privateMembersOf(entry);
    if (secret.length > 0) {
      found.push({
        code: 'PRIVATE_KEY_PUBLISHED',
        object,
        problem: `has the private members ${secret.join(', ')}: anyone who has read them can sign tokens`,
        remedy: 'give the API servers another signing key at once, then remove this key from the key set',
      });
    }
    if (mine && !(publicKey && mine.equals(publicKey))) {
      found.push({
        code: 'KEY_CONFLICT',
        object,
        problem: 'is not the key that the source has under this id',
        remedy: 'find out who published it; if nobody needs it, remove it from the key set',
      });
    }
    return found;
  });
  throwIfAny(faults);
}

function stillServedError(kid: string): PodroleError {
  return new PodroleError({
    code: 'KEY_STILL_SERVED',
    object: `published key ${kid}`,
    problem:
      'cannot be dropped: the cluster still serves it, so its tokens are accepted and may still be minted',
    remedy:
      'remove it from --service-account-key-file on every API server first, or name its file with --key-file',
  });
}
