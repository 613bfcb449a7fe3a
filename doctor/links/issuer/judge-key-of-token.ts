import type { Finding, Remedy } from '../../chain/finding.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { PublishedKeyFacts } from '../../facts/issuer-facts.ts';
import { listed, quoted } from './evidence/quoted.ts';
import { faultAt } from './evidence/sts-side.ts';
import type { KeysQuestion } from './judge-keys.ts';

const REMEDY: Remedy = {
  text: 'publish the keys of the API server: podrole publish --to with the place of the site, and podrole publish --watch to follow later changes. STS may use the old key set for up to an hour',
  commands: [],
};

/** Judges whether the key that signs the tokens is published; without a token, the keys of the API server. */
export function judgeKeyOfToken(
  keys: readonly PublishedKeyFacts[],
  question: KeysQuestion,
): readonly Finding[] {
  const { token } = question.facts.cluster;
  if (token.state !== 'read') return judgeApiServerKeys(keys, token, question);
  const { kid } = token.value.header;
  if (kid === undefined) return [];
  const published = keys.filter((key) => key.kid === kid);
  if (published.length === 0) return [missingKey(kid, keys, question)];
  const unusable = judgeUse(kid, published, question);
  // With a faulty key, or two of them, nobody verifies the signature: that would be the same fault again.
  return unusable.length > 0 || published.length > 1 ? unusable : judgeSignature(kid, question);
}

function missingKey(
  kid: string,
  keys: readonly PublishedKeyFacts[],
  { object, facts, findings }: KeysQuestion,
): Finding {
  const { apiServer } = facts.cluster;
  const known = new Set(apiServer.state === 'read' ? apiServer.value.keys : []);
  const isFamiliar = keys.some((key) => key.kid !== undefined && known.has(key.kid));
  const isForeign = known.size > 0 && !isFamiliar;
  return faultAt(findings, facts)(isForeign ? 'KEY_ROTATED_AWAY' : 'KEY_NOT_PUBLISHED', {
    object,
    expected: `has the key ${quoted(kid)} that signs the tokens`,
    found: isForeign ? 'has no key of this API server' : 'lacks this key',
    remedy: REMEDY,
    details: [
      `published: ${listed(keys.map((key) => key.kid ?? '(no kid)'))}`,
      ...(known.size > 0 ? [`API server: ${listed([...known])}`] : []),
    ],
  });
}

function judgeUse(
  kid: string,
  published: readonly PublishedKeyFacts[],
  { object, facts, findings }: KeysQuestion,
): readonly Finding[] {
  const problem = published.find((key) => key.problem !== undefined)?.problem;
  if (problem === undefined) return [];
  return [
    faultAt(findings, facts)('KEY_UNUSABLE', {
      object,
      expected: `has a key ${quoted(kid)} that verifies the tokens`,
      found: `has a key ${quoted(kid)} that ${problem}`,
      remedy: REMEDY,
    }),
  ];
}

function judgeSignature(kid: string, { object, facts, findings }: KeysQuestion): readonly Finding[] {
  const { token } = facts.cluster;
  if (token.state !== 'read' || token.value.verifiedByPublishedKeys !== false) return [];
  return [
    faultAt(findings, facts)('KEY_OTHER_SIGNATURE', {
      object,
      expected: `verifies the signature of the tokens with its key ${quoted(kid)}`,
      found: `has another key with the kid ${quoted(kid)}, which did not sign the token`,
      remedy: REMEDY,
    }),
  ];
}

/** Without a token nobody knows which key signs. A key set without any of the API server's keys is wrong. */
function judgeApiServerKeys(
  keys: readonly PublishedKeyFacts[],
  token: Exclude<ChainFacts['cluster']['token'], { state: 'read' }>,
  { object, facts, findings }: KeysQuestion,
): readonly Finding[] {
  const { apiServer } = facts.cluster;
  if (apiServer.state !== 'read') return [findings.unknown(`${object}: the key of the tokens`, apiServer)];
  // Its discovery document may be readable, and its key set not.
  if (apiServer.value.keys.length === 0) return [findings.unknown(`${object}: the key of the tokens`, token)];
  const published = new Set(keys.map(({ kid }) => kid));
  const missing = apiServer.value.keys.filter((kid) => !published.has(kid));
  if (missing.length === 0) return [];
  const isForeign = missing.length === apiServer.value.keys.length;
  const report = isForeign ? faultAt(findings, facts) : findings.warning;
  return [
    report(isForeign ? 'KEY_ROTATED_AWAY' : 'KEY_NOT_PUBLISHED', {
      object,
      expected: 'has every key of the API server',
      found: isForeign ? 'has no key of this API server' : `lacks ${listed(missing)}`,
      remedy: REMEDY,
    }),
  ];
}
