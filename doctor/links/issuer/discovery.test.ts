import assert from 'node:assert/strict';
import {
  NO_STS,
  RADOSGW,
  REFUSED,
  SESSION,
  settingsWithSts,
  testIssuerCases,
} from '../../../testing/doctor/issuer-cases.ts';
import {
  answerOf,
  discoveryOf,
  factsWithIssuer,
  HEALTHY_ISSUER,
} from '../../../testing/doctor/issuer-facts.ts';
import { read } from '../../../testing/doctor/reading.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { Fetched, IssuerFacts, Unanswered } from '../../facts/issuer-facts.ts';

const DISCOVERY_URL = `${HEALTHY_ISSUER}/.well-known/openid-configuration`;
const OWN_STS = settingsWithSts('https://sts.corp.internal');
const unanswered = (reason: Unanswered['reason'], said = 'gave no answer') =>
  read({ url: DISCOVERY_URL, reason, said });
const withDiscovery = (given: Partial<Fetched>, more: Partial<ChainFacts['aws']> = {}) =>
  factsWithIssuer({ issuer: { discovery: answerOf(DISCOVERY_URL, given) }, aws: more });
const down = (
  reason: Unanswered['reason'],
  outcome?: ChainFacts['aws']['exchange'],
  given: Partial<ChainFacts> = {},
) =>
  factsWithIssuer({
    ...given,
    cluster: {},
    issuer: { discovery: unanswered(reason) },
    aws: outcome ? { exchange: outcome } : {},
  });
const named = (members: object, given: Partial<IssuerFacts> = {}) =>
  factsWithIssuer({ issuer: { discovery: discoveryOf(HEALTHY_ISSUER, members), ...given } });
const jwks = (url: string, given: Partial<IssuerFacts> = {}) => named({ jwks_uri: url }, given);

testIssuerCases([
  ['unknown in DNS', down('dns'), 'broken', 'DISCOVERY_UNREACHABLE', /gave no answer/],
  ['a closed port', down('refused', REFUSED), 'broken', 'DISCOVERY_UNREACHABLE'],
  ['no answer in time', down('timeout'), 'broken', 'DISCOVERY_UNREACHABLE'],
  ['no TLS', down('other'), 'broken', 'DISCOVERY_UNREACHABLE'],
  ['no answer, but a session', down('timeout', SESSION), 'warning', 'DISCOVERY_UNREACHABLE'],
  ['a proxy that refuses', down('proxy'), 'unknown', undefined, /proxy/],
  ['a machine without a network', down('dns', NO_STS), 'unknown', undefined, /does not reach STS either/],
  [
    'an STS of your own that was not asked',
    down('dns', undefined, { grant: RADOSGW }),
    'unknown',
    undefined,
    /own STS/,
  ],
  [
    'an STS of your own that refuses',
    down('dns', REFUSED, { grant: RADOSGW }),
    'broken',
    'DISCOVERY_UNREACHABLE',
  ],
  ['status 401', withDiscovery({ status: 401 }), 'broken', 'DISCOVERY_NOT_PUBLIC', /401/],
  ['status 403', withDiscovery({ status: 403 }), 'broken', 'DISCOVERY_NOT_PUBLIC'],
  ['status 404', withDiscovery({ status: 404 }), 'broken', 'DISCOVERY_MISSING'],
  ['status 410', withDiscovery({ status: 410 }), 'broken', 'DISCOVERY_MISSING'],
  [
    'status 301',
    withDiscovery({ status: 301, location: 'https://login.test/' }),
    'broken',
    'DISCOVERY_REDIRECTS',
    /login\.test/,
  ],
  ['status 307', withDiscovery({ status: 307 }), 'broken', 'DISCOVERY_REDIRECTS'],
  ['status 500', withDiscovery({ status: 500 }), 'broken', 'DISCOVERY_STATUS', /500/],
  ['status 429', withDiscovery({ status: 429 }), 'broken', 'DISCOVERY_STATUS'],
  ['status 204', withDiscovery({ status: 204 }), 'broken', 'DISCOVERY_STATUS'],
  [
    'status 404, but a session',
    withDiscovery({ status: 404 }, { exchange: SESSION }),
    'warning',
    'DISCOVERY_MISSING',
  ],
  ['no JSON', withDiscovery({ contentType: 'text/plain' }), 'broken', 'DISCOVERY_NOT_JSON'],
  [
    'a web page',
    withDiscovery({ contentType: 'text/html; charset=utf-8' }),
    'broken',
    'DISCOVERY_NOT_JSON',
    /web page/,
  ],
  ['a compressed body', withDiscovery({ contentEncoding: 'gzip' }), 'broken', 'DISCOVERY_NOT_JSON', /gzip/],
  ['a large body', withDiscovery({ tooLarge: true }), 'broken', 'DISCOVERY_TOO_LARGE'],
  ['six seconds', slow(6_000), 'broken', 'DISCOVERY_SLOW', /6\.0 s/],
  ['three seconds', slow(3_000), 'warning', 'DISCOVERY_SLOW'],
  [
    'a content type',
    factsWithIssuer({ issuer: { discovery: typed('text/plain') } }),
    'warning',
    'DISCOVERY_CONTENT_TYPE',
    /text\/plain/,
  ],
  [
    'no content type',
    factsWithIssuer({ issuer: { discovery: typed('') } }),
    'warning',
    'DISCOVERY_CONTENT_TYPE',
  ],
  [
    'another issuer',
    named({ issuer: 'https://other.test' }),
    'broken',
    'DISCOVERY_WRONG_ISSUER',
    /other\.test"$/,
  ],
  [
    'a slash too many',
    named({ issuer: `${HEALTHY_ISSUER}/` }),
    'broken',
    'DISCOVERY_WRONG_ISSUER',
    /differs in the slash/,
  ],
  [
    'a capital letter',
    named({ issuer: HEALTHY_ISSUER.toUpperCase() }),
    'broken',
    'DISCOVERY_WRONG_ISSUER',
    /capital/,
  ],
  ['no issuer', named({ issuer: undefined }), 'broken', 'DISCOVERY_WRONG_ISSUER', /names no issuer/],
  [
    'an issuer of a megabyte',
    named({ issuer: 'x'.repeat(1e6) }),
    'broken',
    'DISCOVERY_WRONG_ISSUER',
    /^.{100,300}$/,
  ],
  ['no jwks_uri', named({ jwks_uri: undefined }), 'broken', 'DISCOVERY_JWKS_URI_INVALID', /no jwks_uri/],
  ['a jwks_uri without TLS', jwks('http://oidc.example.com/jwks'), 'broken', 'DISCOVERY_JWKS_URI_INVALID'],
  [
    'a jwks_uri with a password',
    jwks('https://u:p@oidc.example.com/jwks'),
    'broken',
    'DISCOVERY_JWKS_URI_INVALID',
  ],
  [
    'a jwks_uri at a node',
    jwks('https://10.0.0.5:6443/openid/v1/jwks'),
    'broken',
    'DISCOVERY_JWKS_URI_PRIVATE',
  ],
  [
    'a jwks_uri in the cluster',
    jwks('https://kubernetes.default.svc/openid/v1/jwks'),
    'broken',
    'DISCOVERY_JWKS_URI_PRIVATE',
  ],
  [
    'a jwks_uri with a private address',
    jwks('https://keys.example.com/', { keySetAddresses: read(['10.0.0.5']) }),
    'broken',
    'DISCOVERY_JWKS_URI_PRIVATE',
    /10\.0\.0\.5/,
  ],
  [
    'a jwks_uri of an STS of your own',
    factsWithIssuer({
      settings: OWN_STS,
      issuer: { discovery: discoveryOf(HEALTHY_ISSUER, { jwks_uri: 'https://10.0.0.5/' }) },
    }),
    'warning',
    'DISCOVERY_JWKS_URI_PRIVATE',
  ],
  [
    'a jwks_uri that does not answer',
    jwks('https://keys.example.com/', { keySet: unanswered('refused') }),
    'broken',
    'DISCOVERY_JWKS_URI_UNREACHABLE',
  ],
  [
    'no algorithms',
    named({ id_token_signing_alg_values_supported: undefined }),
    'warning',
    'DISCOVERY_FIELDS_MISSING',
    /signing_alg/,
  ],
  [
    'another algorithm',
    named({ id_token_signing_alg_values_supported: ['ES256'] }),
    'warning',
    'DISCOVERY_FIELDS_MISSING',
    /RS256/,
  ],
  [
    'no lists at all',
    named({ response_types_supported: 'id_token', subject_types_supported: [] }),
    'warning',
    'DISCOVERY_FIELDS_MISSING',
    /response_types_supported, subject/,
  ],
]);

function slow(tookMs: number): ChainFacts {
  const healthy = discoveryOf();
  assert.equal(healthy.state, 'read');
  return factsWithIssuer({ issuer: { discovery: read({ ...healthy.value, tookMs }) } });
}

function typed(contentType: string): IssuerFacts['discovery'] {
  const healthy = discoveryOf();
  assert.equal(healthy.state, 'read');
  return read({ ...healthy.value, contentType });
}
