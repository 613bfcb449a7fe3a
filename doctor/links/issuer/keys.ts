import type { Finding } from '../../chain/finding.ts';
import { findingsOf } from '../../chain/findings-of.ts';
import type { Link } from '../../chain/link.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { IssuerFacts } from '../../facts/issuer-facts.ts';
import { documentAt, judgeFetch } from './evidence/judge-fetch.ts';
import { listed } from './evidence/quoted.ts';
import { faultAt } from './evidence/sts-side.ts';
import { worstFirst } from './evidence/worst-first.ts';
import { judgeKeyOfToken } from './judge-key-of-token.ts';
import { judgeKeys } from './judge-keys.ts';

const findings = findingsOf('keys');

/** Judges whether STS finds the key that signed the token in the published key set. */
export const keys: Link = {
  id: 'keys',
  title: 'key set',
  needs: ['discovery'],
  judge(facts) {
    const { issuer } = facts;
    if (!issuer) {
      return [findings.unknown('key set', { state: 'not asked', why: 'the issuer is not known' })];
    }
    const object = documentAt('key set', urlOf(issuer));
    const { answer, found } = judgeFetch(object, issuer.keySet, { name: 'KEYS', findings, facts });
    const content = answer ? judgeContent(object, issuer, facts) : [];
    const [first, ...others] = worstFirst([...leaks(object, issuer), ...found, ...content]);
    if (first) return [first, ...others];
    const names = listed((issuer.keys ?? []).map(({ kid }) => kid ?? ''));
    return [
      findings.ok(object, `has the key of the tokens, in ${answer?.tookMs ?? 0} ms`, [`keys: ${names}`]),
    ];
  },
};

function urlOf({ keySet, discovery }: IssuerFacts): string {
  if (keySet.state === 'read') return keySet.value.url;
  return discovery.state === 'read' ? discovery.value.url : '';
}

/** A fault for the owner of the keys even while every pod gets its role: anyone can sign tokens. */
function leaks(object: string, { privateMembers }: IssuerFacts): readonly Finding[] {
  const leaked = Object.entries(privateMembers);
  if (leaked.length === 0) return [];
  const members = [...new Set(leaked.flatMap(([, names]) => names))];
  return [
    findings.broken('KEY_PRIVATE', {
      object,
      expected: 'has only public keys',
      found: `publishes the private members ${members.join(', ')} of ${listed(leaked.map(([name]) => name))}: anyone who has read them can sign tokens for every role`,
      remedy: {
        text: 'take the key set off the site, then replace the signing key at once: podrole keys create creates a new one, and podrole keys rotate replaces the old one (docs/rotate-keys.md)',
        commands: [],
      },
    }),
  ];
}

function judgeContent(object: string, issuer: IssuerFacts, facts: ChainFacts): readonly Finding[] {
  const question = { object, facts, findings };
  if (issuer.keys && issuer.keys.length > 0) {
    return [...judgeKeys(issuer.keys, question), ...judgeKeyOfToken(issuer.keys, question)];
  }
  return [
    faultAt(findings, facts)('KEYS_NOT_A_KEY_SET', {
      object,
      expected: 'is a JSON Web Key Set',
      found: issuer.keys ? 'has no key' : 'has no list of keys',
      remedy: {
        text: 'publish the key set of the API server, which kubectl get --raw /openid/v1/jwks shows: podrole publish writes it',
        commands: [],
      },
    }),
  ];
}
