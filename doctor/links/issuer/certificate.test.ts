import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AWS_ROLE,
  DENIED,
  judgeIssuerLinks,
  MINIO,
  providerWith,
  RADOSGW,
  SESSION,
  testHealthyIssuers,
  testIssuerCases,
} from '../../../testing/doctor/issuer-cases.ts';
import {
  chainOf,
  factsWithIssuer,
  SERVED_THUMBPRINT,
  SIGNING_KEY,
} from '../../../testing/doctor/issuer-facts.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';

const served = (
  given: Parameters<typeof chainOf>[0],
  aws: Partial<ChainFacts['aws']> = {},
  grant = AWS_ROLE,
) => factsWithIssuer({ grant, issuer: { chain: chainOf(given) }, aws });
const PRIVATE_CA = { isPublic: false, problem: 'untrusted', problemCode: 'SELF_SIGNED_CERT_IN_CHAIN' };
const healthyChain = chainOf();
assert.equal(healthyChain.state, 'read');
const [leaf] = healthyChain.value.certificates;
assert.ok(leaf);
const OTHER = 'b'.repeat(40);
const ABSENT = { state: 'absent' } as const;

testIssuerCases([
  [
    'expired',
    served({ certificates: [{ ...leaf, notAfter: '2026-11-28T00:00:00.000Z' }] }),
    'broken',
    'CERTIFICATE_EXPIRED',
  ],
  [
    'not yet valid',
    served({ certificates: [{ ...leaf, notBefore: '2026-12-01T00:00:00.000Z' }] }),
    'broken',
    'CERTIFICATE_EXPIRED',
    /only from/,
  ],
  [
    'an expired CA',
    served({ ...PRIVATE_CA, problemCode: 'CERT_HAS_EXPIRED' }),
    'broken',
    'CERTIFICATE_EXPIRED',
    /CA/,
  ],
  [
    'six days left',
    served({ certificates: [{ ...leaf, notAfter: '2026-12-05T12:00:00.000Z' }] }),
    'warning',
    'CERTIFICATE_EXPIRES_SOON',
  ],
  ['another name', served({ isForHost: false }), 'broken', 'CERTIFICATE_WRONG_NAME', /oidc\.example\.com/],
  [
    'a thumbprint of another CA',
    served(PRIVATE_CA, { provider: providerWith([OTHER]) }),
    'broken',
    'CERTIFICATE_THUMBPRINT',
  ],
  [
    'the same, but a session',
    served(PRIVATE_CA, { provider: providerWith([OTHER]), exchange: SESSION }),
    'warning',
    'CERTIFICATE_THUMBPRINT',
  ],
  [
    'the same, in radosgw',
    served(PRIVATE_CA, { provider: providerWith([OTHER]) }, RADOSGW),
    'warning',
    'CERTIFICATE_THUMBPRINT',
  ],
  [
    'a chain without its CA',
    served(
      { isPublic: false, certificates: [leaf], problemCode: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
      { provider: providerWith([OTHER]) },
    ),
    'broken',
    'CERTIFICATE_INCOMPLETE',
  ],
  ['no provider yet', served(PRIVATE_CA, { provider: ABSENT }), 'warning', 'CERTIFICATE_PRIVATE_CA'],
  [
    'no thumbprint yet',
    served(PRIVATE_CA, { provider: providerWith([]) }),
    'warning',
    'CERTIFICATE_PRIVATE_CA',
  ],
  [
    'MinIO without IAM',
    served(PRIVATE_CA, { provider: { state: 'failed', said: 'no IAM' } }, MINIO),
    'warning',
    'CERTIFICATE_PRIVATE_CA',
  ],
  [
    'a provider that may not be read',
    served(PRIVATE_CA, { provider: DENIED }),
    'unknown',
    undefined,
    /may not be read/,
  ],
  [
    'a chain that was not read',
    factsWithIssuer({ issuer: { chain: { state: 'failed', said: 'reset' } } }),
    'unknown',
    undefined,
    /reset/,
  ],
  [
    'a proxy before a private CA',
    factsWithIssuer({ issuer: { isProxied: true, chain: chainOf(PRIVATE_CA) } }),
    'unknown',
    undefined,
    /proxy/,
  ],
]);

const trusted: readonly (readonly [string, ChainFacts])[] = [
  ['a public CA, whatever the thumbprint is', served({}, { provider: providerWith([OTHER]) })],
  [
    'a thumbprint of the leaf, in capital letters',
    served(PRIVATE_CA, { provider: providerWith([OTHER, SERVED_THUMBPRINT.toUpperCase()]) }),
  ],
  ['a thumbprint of the CA', served(PRIVATE_CA, { provider: providerWith(['c'.repeat(40)]) })],
  [
    'a thumbprint of x5c in radosgw',
    factsWithIssuer({
      grant: RADOSGW,
      issuer: { chain: chainOf(PRIVATE_CA), keys: [{ kid: SIGNING_KEY, kty: 'RSA', thumbprints: [OTHER] }] },
      aws: { provider: providerWith([OTHER]) },
    }),
  ],
];
testHealthyIssuers(trusted);

test('the remedy of a wrong thumbprint quotes the issuer for a shell', () => {
  const url = "https://oidc.example.com/it's";
  const facts = factsWithIssuer({
    issuer: { url, chain: chainOf(PRIVATE_CA) },
    aws: { provider: providerWith([OTHER]) },
  });
  assert.deepEqual(judgeIssuerLinks(facts).at(-1)?.remedy?.commands, [
    "podrole provider ensure --issuer 'https://oidc.example.com/it'\\''s' --approve",
  ]);
});
