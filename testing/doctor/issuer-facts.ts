import type { ChainFacts } from '../../doctor/facts/chain-facts.ts';
import type { ChainOfIssuer, Fetched, IssuerFacts } from '../../doctor/facts/issuer-facts.ts';
import type { Reading } from '../../doctor/facts/reading.ts';
import { chainFacts } from './chain-facts.ts';
import { read } from './reading.ts';

export const HEALTHY_ISSUER = 'https://oidc.example.com/cluster';
/** kid of the key that signs the tokens. */
export const SIGNING_KEY = 'key-1';
/** Thumbprint of the served leaf. */
export const SERVED_THUMBPRINT = 'a'.repeat(40);

/** Returns one answer of a web server: JSON with status 200, but for what is given. */
export function answerOf(url: string, given: Partial<Fetched> = {}): Reading<Fetched> {
  const fetched = { url, status: 200, contentType: 'application/json', tookMs: 80, tooLarge: false };
  return read({ ...fetched, ...given });
}

/** Returns the answer with the discovery document of an issuer, some of its members changed. */
export function discoveryOf(issuer = HEALTHY_ISSUER, members: object = {}): Reading<Fetched> {
  return answerOf(`${issuer}/.well-known/openid-configuration`, {
    json: {
      issuer,
      jwks_uri: `${issuer}/openid/v1/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      ...members,
    },
  });
}

export function chainOf(given: Partial<ChainOfIssuer> = {}): Reading<ChainOfIssuer> {
  const leaf = {
    subject: 'CN=oidc.example.com',
    issuer: 'CN=public CA',
    names: ['oidc.example.com'],
    notBefore: '2026-11-01T00:00:00.000Z',
    notAfter: '2027-01-30T00:00:00.000Z',
    isCa: false,
    thumbprint: SERVED_THUMBPRINT,
  };
  const ca = { ...leaf, subject: 'CN=public CA', names: [], isCa: true, thumbprint: 'c'.repeat(40) };
  return read({ certificates: [leaf, ca], isPublic: true, isForHost: true, ...given });
}

function issuerFacts(given: Partial<IssuerFacts> = {}): IssuerFacts {
  const { url = HEALTHY_ISSUER } = given;
  return {
    url,
    addresses: read(['93.184.216.34']),
    isProxied: false,
    discovery: discoveryOf(url),
    keySet: answerOf(`${url}/openid/v1/jwks`, { json: { keys: [] } }),
    keys: [{ kid: SIGNING_KEY, kty: 'RSA', thumbprints: [] }],
    privateMembers: {},
    chain: chainOf(),
    ...given,
  };
}

interface Given extends Partial<Omit<ChainFacts, 'cluster' | 'aws' | 'issuer'>> {
  readonly issuer?: Partial<IssuerFacts>;
  readonly cluster?: Partial<ChainFacts['cluster']>;
  readonly aws?: Partial<ChainFacts['aws']>;
}

/** Returns facts whose issuer is healthy, a token of it included, but for what the test gives. */
export function factsWithIssuer({ issuer = {}, cluster = {}, aws = {}, ...given }: Given = {}): ChainFacts {
  const rest = chainFacts(given);
  const facts = issuerFacts(issuer);
  return {
    ...rest,
    issuer: facts,
    cluster: {
      ...rest.cluster,
      apiServer: read({ issuer: facts.url, jwksUri: `${facts.url}/openid/v1/jwks`, keys: [SIGNING_KEY] }),
      token: read({
        header: { alg: 'RS256', kid: SIGNING_KEY },
        issuer: facts.url,
        subject: 'system:serviceaccount:shop:web',
        audiences: ['sts.amazonaws.com'],
        issuedAt: '2026-11-29T12:00:00.000Z',
        expiresAt: '2026-11-29T12:10:00.000Z',
        length: 900,
      }),
      ...cluster,
    },
    aws: { ...rest.aws, ...aws },
  };
}
