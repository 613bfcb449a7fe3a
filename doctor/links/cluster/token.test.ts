import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DENIED, HEALTHY, healthyChain } from '../../../testing/doctor/cluster-facts.ts';
import { read } from '../../../testing/doctor/reading.ts';
import { verdictOf } from '../../../testing/doctor/verdict.ts';
import type { ExchangeFacts } from '../../facts/aws-facts.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { TokenFacts } from '../../facts/cluster-facts.ts';
import { valueIn } from '../../facts/value-in.ts';
import { apiAudience } from './api-audience.ts';
import { token } from './token.ts';

const TOKEN = valueIn(HEALTHY.token);

function withToken(changed: Partial<TokenFacts>): ChainFacts {
  assert.ok(TOKEN);
  return healthyChain({ token: read({ ...TOKEN, ...changed }) });
}

/** Clocks of the API server and of STS, compared with that of this machine. */
function withClocks(ofApiServer: number, ofSts?: number): ChainFacts {
  const chain = healthyChain({ clockSkewSeconds: read(ofApiServer) });
  const exchange: ExchangeFacts = {
    endpoint: 'https://sts.eu-west-1.amazonaws.com',
    region: 'eu-west-1',
    isProxied: false,
    tookMs: 10,
    outcome: { kind: 'refused', status: 400, code: 'ExpiredTokenException', said: '' },
    ...(ofSts !== undefined && { clockSkewSeconds: ofSts }),
  };
  return { ...chain, aws: { ...chain.aws, exchange: read(exchange) } };
}

const CASES: readonly (readonly [what: string, chain: ChainFacts, verdict: string])[] = [
  ['a token', healthyChain(), 'ok'],
  ['a token that may not be requested', healthyChain({ token: DENIED }), 'unknown'],
  ['ES256', withToken({ header: { alg: 'ES256', kid: 'k' } }), 'ok'],
  ['EdDSA', withToken({ header: { alg: 'EdDSA', kid: 'k' } }), 'broken TOKEN_ALGORITHM'],
  ['HS256', withToken({ header: { alg: 'HS256' } }), 'broken TOKEN_ALGORITHM'],
  ['20,000 characters', withToken({ length: 20_000 }), 'ok'],
  ['20,001 characters', withToken({ length: 20_001 }), 'broken TOKEN_LENGTH'],
  ['two audiences', withToken({ audiences: ['sts.amazonaws.com', 'x'] }), 'broken TOKEN_SEVERAL_AUDIENCES'],
  ['another audience', withToken({ audiences: ['x'] }), 'broken TOKEN_SEVERAL_AUDIENCES'],
  ['no audience', withToken({ audiences: [] }), 'broken TOKEN_SEVERAL_AUDIENCES'],
  ['another key', withToken({ verifiedByApiServerKeys: false }), 'broken TOKEN_NOT_VERIFIED'],
  ['another issuer', withToken({ issuer: 'https://other.example.com' }), 'warning TOKEN_ISSUER_DIFFERS'],
  ['a clock that the link exchange judges', withClocks(600, 0), 'ok'],
  ['five minutes ahead', withClocks(300), 'ok'],
  ['more than five minutes behind', withClocks(-301), 'warning CLOCK_WRONG'],
  ['a clock that differs, and STS that does not answer', withClocks(600), 'warning CLOCK_WRONG'],
];
for (const [what, chain, verdict] of CASES) {
  test(`judges ${what}`, () => {
    assert.equal(verdictOf(token, chain), verdict);
  });
}

test('without a Date header, the clock is that of the token', () => {
  const late = withToken({ issuedAt: '2026-11-29T13:00:00.000Z' });
  const chain = { ...late, cluster: { ...late.cluster, clockSkewSeconds: DENIED } };
  assert.equal(verdictOf(token, chain), 'warning CLOCK_WRONG');
});

const LOGINS: readonly (readonly [what: string, chain: ChainFacts, verdict: string])[] = [
  ['refuses the token', healthyChain(), 'ok'],
  [
    'accepts the token',
    healthyChain({ apiServerAcceptsToken: read(true) }),
    'warning AUDIENCE_OPENS_API_SERVER',
  ],
  ['cannot be asked', healthyChain({ apiServerAcceptsToken: DENIED }), 'unknown'],
];
for (const [what, chain, verdict] of LOGINS) {
  test(`judges an API server that ${what}`, () => {
    assert.equal(verdictOf(apiAudience, chain), verdict);
  });
}
