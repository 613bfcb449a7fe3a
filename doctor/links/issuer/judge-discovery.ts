import { TOKEN_ALGORITHMS } from '../../../lib/contract/iam.ts';
import { asArray, asText, type JsonObject } from '../../../lib/json/json.ts';
import { judgeHost } from '../../../oidc/verify/judge-issuer.ts';
import { isPublicAddress } from '../../../oidc/verify/public-address.ts';
import type { Finding } from '../../chain/finding.ts';
import type { findingsOf } from '../../chain/findings-of.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { IssuerFacts } from '../../facts/issuer-facts.ts';
import { quoted } from './evidence/quoted.ts';
import { doubtOf, faultAt, isPrivateSts, isProven } from './evidence/sts-side.ts';

interface Question {
  readonly object: string;
  readonly issuer: IssuerFacts;
  readonly facts: ChainFacts;
  readonly findings: ReturnType<typeof findingsOf>;
}

/** Judges the members of a discovery document that STS reads. */
export function judgeDiscovery(json: JsonObject, question: Question): readonly Finding[] {
  return [...judgeName(json, question), ...judgeKeySetUrl(json, question), ...judgeRest(json, question)];
}

/**
 * The `issuer` must be the `iss` of the tokens, character by character. OpenID Connect Discovery 1.0,
 * section 4.3
 */
function judgeName(json: JsonObject, { object, issuer, facts, findings }: Question): readonly Finding[] {
  const named = json['issuer'];
  if (named === issuer.url) return [];
  const almost = nearMiss(asText(named), issuer.url);
  return [
    faultAt(findings, facts)('DISCOVERY_WRONG_ISSUER', {
      object,
      expected: `names the issuer ${quoted(issuer.url)}`,
      found: named === undefined ? 'names no issuer' : `names the issuer ${quoted(named)}${almost}`,
      remedy: {
        text: `publish it for the issuer that the tokens name: podrole publish --issuer ${quoted(issuer.url)} with the place of the site as --to; or start the API servers with the published issuer`,
        commands: [],
      },
    }),
  ];
}

function nearMiss(named: string | undefined, issuer: string): string {
  if (named === undefined) return '';
  if (named.replace(/\/$/, '') === issuer.replace(/\/$/, ''))
    return ', which differs in the slash at its end';
  return named.toLowerCase() === issuer.toLowerCase() ? ', which differs in capital letters' : '';
}

function judgeKeySetUrl(json: JsonObject, question: Question): readonly Finding[] {
  const { object, issuer, facts, findings } = question;
  const address = asText(json['jwks_uri']);
  const url = address === undefined ? null : URL.parse(address);
  const fault = faultAt(findings, facts);
  const expected = 'has a jwks_uri that is a public https URL';
  const remedy = {
    text: 'publish a discovery document whose jwks_uri is a public https URL, best below the issuer; for the API server, that is --service-account-jwks-uri',
    commands: [],
  };
  if (!address || !url || url.protocol !== 'https:' || url.username || url.password) {
    const found = address === undefined ? 'has no jwks_uri' : `has the jwks_uri ${quoted(address)}`;
    return [fault('DISCOVERY_JWKS_URI_INVALID', { object, expected, found, remedy })];
  }
  if (url.host === new URL(issuer.url).host) return [];
  const hidden = hiddenHost(url, issuer);
  if (hidden !== undefined && !isProven(facts)) {
    const report = isPrivateSts(facts) ? findings.warning : findings.broken;
    const found = `has the jwks_uri ${quoted(address)}, which ${hidden}`;
    return [report('DISCOVERY_JWKS_URI_PRIVATE', { object, expected, found, remedy })];
  }
  const { keySet } = issuer;
  if (keySet.state !== 'read' || !('reason' in keySet.value) || doubtOf(keySet.value, facts)) return [];
  const found = `has the jwks_uri ${quoted(address)}, which gives no answer: ${keySet.value.said}`;
  return [fault('DISCOVERY_JWKS_URI_UNREACHABLE', { object, expected, found, remedy })];
}

function hiddenHost(url: URL, { keySetAddresses }: IssuerFacts): string | undefined {
  const byName = judgeHost(url)?.problem;
  if (byName !== undefined || keySetAddresses?.state !== 'read') return byName;
  const { value } = keySetAddresses;
  const hidden = value.filter((address) => !isPublicAddress(address));
  return hidden.length > 0 && hidden.length === value.length
    ? `has the address ${hidden.join(', ')} here, which AWS STS cannot reach`
    : undefined;
}

/** Lists that OpenID Connect Discovery 1.0, section 3, requires. */
const REQUIRED = [
  'response_types_supported',
  'subject_types_supported',
  'id_token_signing_alg_values_supported',
];

function judgeRest(json: JsonObject, { object, facts, findings }: Question): readonly Finding[] {
  const missing = REQUIRED.filter((name) => !asArray(json[name])?.length);
  const { token } = facts.cluster;
  const algorithm = token.state === 'read' ? token.value.header.alg : undefined;
  const listed = asArray(json['id_token_signing_alg_values_supported']) ?? [];
  const isUnlisted =
    TOKEN_ALGORITHMS.some((known) => known === algorithm) && listed.length > 0 && !listed.includes(algorithm);
  if (missing.length === 0 && !isUnlisted) return [];
  const found = [
    ...(missing.length > 0 ? [`lacks ${missing.join(', ')}`] : []),
    ...(isUnlisted ? [`does not list the algorithm ${quoted(algorithm)} of the tokens`] : []),
  ];
  return [
    findings.warning('DISCOVERY_FIELDS_MISSING', {
      ...{ object, expected: 'has the members that OpenID Connect requires', found: found.join(', and ') },
      remedy: { text: 'publish the document as podrole publish writes it', commands: [] },
    }),
  ];
}
