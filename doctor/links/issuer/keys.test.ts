import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DENIED, judgeIssuerLinks, SESSION, testIssuerCases } from '../../../testing/doctor/issuer-cases.ts';
import {
  answerOf,
  factsWithIssuer,
  HEALTHY_ISSUER,
  SIGNING_KEY,
} from '../../../testing/doctor/issuer-facts.ts';
import { read } from '../../../testing/doctor/reading.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { Fetched, PublishedKeyFacts } from '../../facts/issuer-facts.ts';

const KEYS_URL = `${HEALTHY_ISSUER}/openid/v1/jwks`;
const key = (kid?: string, given: Partial<PublishedKeyFacts> = {}): PublishedKeyFacts => ({
  kty: 'RSA',
  thumbprints: [],
  ...(kid !== undefined && { kid }),
  ...given,
});
const published = (...of: readonly PublishedKeyFacts[]) => factsWithIssuer({ issuer: { keys: of } });
const withKeySet = (given: Partial<Fetched>) =>
  factsWithIssuer({ issuer: { keySet: answerOf(KEYS_URL, given) } });
const apiServerKeys = (...known: readonly string[]): ChainFacts['cluster']['apiServer'] =>
  read({ issuer: HEALTHY_ISSUER, jwksUri: KEYS_URL, keys: known });
const many = (count: number, kty: string) => Array.from({ length: count }, (_, at) => key(`k${at}`, { kty }));
const wrongSignature = factsWithIssuer();
const { token } = wrongSignature.cluster;

testIssuerCases([
  ['a key set that needs a login', withKeySet({ status: 403 }), 'broken', 'KEYS_NOT_PUBLIC'],
  ['a key set that is missing', withKeySet({ status: 404 }), 'broken', 'KEYS_MISSING'],
  ['a key set that is redirected', withKeySet({ status: 302 }), 'broken', 'KEYS_REDIRECTS'],
  ['a key set that fails', withKeySet({ status: 503 }), 'broken', 'KEYS_STATUS'],
  ['a key set that is slow', withKeySet({ json: { keys: [] }, tookMs: 7_000 }), 'broken', 'KEYS_SLOW'],
  ['a key set that is a page', withKeySet({ contentType: 'text/html' }), 'broken', 'KEYS_NOT_JSON'],
  ['a key set that is large', withKeySet({ tooLarge: true }), 'broken', 'KEYS_TOO_LARGE'],
  [
    'a key set with another type',
    withKeySet({ json: { keys: [] }, contentType: 'text/plain' }),
    'warning',
    'KEYS_CONTENT_TYPE',
  ],
  [
    'a key set without an answer',
    factsWithIssuer({ issuer: { keySet: read({ url: KEYS_URL, reason: 'timeout', said: 'late' }) } }),
    'broken',
    'KEYS_UNREACHABLE',
  ],
  ['no keys', published(), 'broken', 'KEYS_NOT_A_KEY_SET', /has no key$/],
  ['another key', published(key('key-9')), 'broken', 'KEY_ROTATED_AWAY', /no key of this API server/],
  [
    'some keys',
    withApiServer(['key-1', 'key-2'], key('key-2')),
    'broken',
    'KEY_NOT_PUBLISHED',
    /lacks this key/,
  ],
  [
    'another key, of an unknown API server',
    factsWithIssuer({ issuer: { keys: [key('key-9')] }, cluster: { apiServer: DENIED } }),
    'broken',
    'KEY_NOT_PUBLISHED',
  ],
  ['the kid of the token twice', published(key(SIGNING_KEY), key(SIGNING_KEY)), 'broken', 'KEY_DUPLICATE_ID'],
  ['another kid twice', published(key(SIGNING_KEY), key('a'), key('a')), 'warning', 'KEY_DUPLICATE_ID'],
  ['a key without kid', published(key(SIGNING_KEY), key()), 'warning', 'KEY_WITHOUT_ID', /a key without kid/],
  [
    'keys with an empty kid',
    published(key(SIGNING_KEY), key(''), key('')),
    'warning',
    'KEY_WITHOUT_ID',
    /2 keys/,
  ],
  ['100 RSA keys', published(key(SIGNING_KEY), ...many(100, 'RSA')), 'broken', 'KEYS_TOO_MANY', /101 RSA/],
  ['101 EC keys', published(key(SIGNING_KEY), ...many(101, 'EC')), 'broken', 'KEYS_TOO_MANY', /101 EC/],
  [
    'another use',
    published(key(SIGNING_KEY, { problem: 'has the use "enc", not sig' })),
    'broken',
    'KEY_UNUSABLE',
    /enc/,
  ],
  [
    'a private key',
    factsWithIssuer({ issuer: { privateMembers: { [SIGNING_KEY]: ['d', 'p'] } } }),
    'broken',
    'KEY_PRIVATE',
    /d, p/,
  ],
  [
    'a private key, and a session',
    factsWithIssuer({ issuer: { privateMembers: { x: ['d'] } }, aws: { exchange: SESSION } }),
    'broken',
    'KEY_PRIVATE',
  ],
  [
    'another key of that kid',
    factsWithIssuer({ cluster: { token: notVerified() } }),
    'broken',
    'KEY_OTHER_SIGNATURE',
  ],
  ['no token, foreign keys', withoutToken(['key-1'], key('key-9')), 'broken', 'KEY_ROTATED_AWAY'],
  [
    'no token, a key missing',
    withoutToken(['key-1', 'key-2'], key('key-1')),
    'warning',
    'KEY_NOT_PUBLISHED',
    /key-2/,
  ],
  [
    'no token, no keys of the API server',
    factsWithIssuer({ cluster: { token: DENIED, apiServer: apiServerKeys() } }),
    'unknown',
  ],
  ['no token, no API server', factsWithIssuer({ cluster: { token: DENIED, apiServer: DENIED } }), 'unknown'],
]);

function withApiServer(known: readonly string[], ...of: readonly PublishedKeyFacts[]): ChainFacts {
  return factsWithIssuer({ issuer: { keys: of }, cluster: { apiServer: apiServerKeys(...known) } });
}

function withoutToken(known: readonly string[], ...of: readonly PublishedKeyFacts[]): ChainFacts {
  return factsWithIssuer({
    issuer: { keys: of },
    cluster: { token: DENIED, apiServer: apiServerKeys(...known) },
  });
}

function notVerified(): ChainFacts['cluster']['token'] {
  assert.equal(token.state, 'read');
  return read({ ...token.value, verifiedByPublishedKeys: false });
}

test('exactly 100 keys of a type are read, and without a token all keys of the API server are enough', () => {
  assert.equal(
    judgeIssuerLinks(
      published(
        key(SIGNING_KEY),
        ...many(99, 'RSA'),
        ...many(100, 'EC').map(({ kid, ...rest }) => ({ ...rest, kid: `ec-${kid}` })),
      ),
    ).every(({ state }) => state === 'ok'),
    true,
  );
  assert.equal(
    judgeIssuerLinks(withoutToken(['key-1'], key('key-1'))).every(({ state }) => state === 'ok'),
    true,
  );
});

test('a list of ten thousand keys is cut in the finding', () => {
  const [, , finding] = judgeIssuerLinks(published(...many(10_000, 'oct')));
  assert.ok(JSON.stringify(finding).length < 2_000);
});
