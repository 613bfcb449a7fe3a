import { tooManyKeys } from '../../../oidc/keys/jwks.ts';
import type { Finding } from '../../chain/finding.ts';
import type { findingsOf } from '../../chain/findings-of.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { PublishedKeyFacts } from '../../facts/issuer-facts.ts';
import { listed } from './evidence/quoted.ts';
import { faultAt } from './evidence/sts-side.ts';

export interface KeysQuestion {
  readonly object: string;
  readonly facts: ChainFacts;
  readonly findings: ReturnType<typeof findingsOf>;
}

/** Judges a published key set as a whole. */
export function judgeKeys(keys: readonly PublishedKeyFacts[], question: KeysQuestion): readonly Finding[] {
  return [...judgeCount(keys, question), ...judgeIds(keys, question), ...judgeMissingIds(keys, question)];
}

function judgeCount(
  keys: readonly PublishedKeyFacts[],
  { object, facts, findings }: KeysQuestion,
): readonly Finding[] {
  const found = tooManyKeys(keys);
  if (found === undefined) return [];
  const expected = 'has at most 100 keys of each type';
  const remedy = {
    text: 'remove keys whose tokens have all expired: podrole publish --prune does it',
    commands: [],
  };
  return [faultAt(findings, facts)('KEYS_TOO_MANY', { object, expected, found, remedy })];
}

function judgeIds(
  keys: readonly PublishedKeyFacts[],
  { object, facts, findings }: KeysQuestion,
): readonly Finding[] {
  const counts = new Map<string, number>();
  for (const { kid } of keys) if (kid) counts.set(kid, (counts.get(kid) ?? 0) + 1);
  const repeated = [...counts].filter(([, count]) => count > 1).map(([kid]) => kid);
  if (repeated.length === 0) return [];
  // STS takes the key by its id: with two of them it does not know which.
  const { token } = facts.cluster;
  const ofToken = token.state === 'read' ? token.value.header.kid : undefined;
  const isOfToken = ofToken !== undefined && repeated.includes(ofToken);
  const report = isOfToken ? faultAt(findings, facts) : findings.warning;
  return [
    report('KEY_DUPLICATE_ID', {
      object,
      expected: 'has each kid once',
      found: `has more than one key with the kid ${listed(isOfToken ? [ofToken] : repeated)}`,
      remedy: {
        text: 'publish each key once, with a kid of its own: podrole publish does so with the keys of the API server',
        commands: [],
      },
    }),
  ];
}

function judgeMissingIds(
  keys: readonly PublishedKeyFacts[],
  { object, findings }: KeysQuestion,
): readonly Finding[] {
  const count = keys.filter(({ kid }) => !kid).length;
  if (count === 0) return [];
  return [
    findings.warning('KEY_WITHOUT_ID', {
      object,
      expected: 'has a kid for each key',
      found: `has ${count === 1 ? 'a key' : `${count} keys`} without kid, which STS cannot find`,
      remedy: {
        text: 'publish the kid that the API server gives: kubectl get --raw /openid/v1/jwks shows it',
        commands: [],
      },
    }),
  ];
}
