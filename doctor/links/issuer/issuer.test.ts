import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AWS_ROLE,
  DENIED,
  judgeIssuerLinks,
  MINIO,
  RADOSGW,
  SESSION,
  settingsWithSts,
  testHealthyIssuers,
  testIssuerCases,
} from '../../../testing/doctor/issuer-cases.ts';
import { discoveryOf, factsWithIssuer, HEALTHY_ISSUER } from '../../../testing/doctor/issuer-facts.ts';
import { read } from '../../../testing/doctor/reading.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { IssuerFacts } from '../../facts/issuer-facts.ts';

testHealthyIssuers([['a public one', factsWithIssuer()]]);

const at = (url: string, given: Partial<IssuerFacts> = {}) => factsWithIssuer({ issuer: { url, ...given } });
const NOT_ASKED = { state: 'not asked', why: 'the issuer is not usable' } as const;
const unasked = { discovery: NOT_ASKED, keySet: NOT_ASKED, chain: NOT_ASKED } as const;
const session = (url: string, given: Partial<IssuerFacts> = {}) =>
  factsWithIssuer({ issuer: { url, ...given }, aws: { exchange: SESSION } });

testIssuerCases([
  ['http', at('http://oidc.example.com', unasked), 'broken', 'ISSUER_INVALID', /https/],
  ['an old name', at('kubernetes/serviceaccount', unasked), 'broken', 'ISSUER_INVALID'],
  ['a query', at('https://oidc.example.com?x=1', unasked), 'broken', 'ISSUER_INVALID', /query/],
  ['a fragment', at('https://oidc.example.com#x', unasked), 'broken', 'ISSUER_INVALID', /fragment/],
  ['a port', at('https://oidc.example.com:8443'), 'broken', 'ISSUER_REFUSED_BY_IAM', /port/],
  ['the port of https', at('https://oidc.example.com:443'), 'broken', 'ISSUER_REFUSED_BY_IAM', /port/],
  ['length', at(`https://oidc.example.com/${'a'.repeat(240)}`), 'broken', 'ISSUER_REFUSED_BY_IAM', /255/],
  [
    'the default of kubeadm',
    at('https://kubernetes.default.svc.cluster.local'),
    'broken',
    'ISSUER_IN_CLUSTER',
  ],
  ['a name in the cluster', at('https://kubernetes.default.svc'), 'broken', 'ISSUER_IN_CLUSTER'],
  ['a private name', at('https://oidc.corp.internal'), 'broken', 'ISSUER_PRIVATE'],
  ['a private IP', at('https://10.0.0.1'), 'broken', 'ISSUER_PRIVATE'],
  ['a mapped private IP', at('https://[::ffff:10.0.0.1]'), 'broken', 'ISSUER_PRIVATE'],
  ['localhost', at('https://localhost'), 'broken', 'ISSUER_PRIVATE'],
  [
    'a private address',
    at(HEALTHY_ISSUER, { addresses: read(['10.1.2.3']) }),
    'broken',
    'ISSUER_PRIVATE',
    /10\.1\.2\.3/,
  ],
  [
    'a slash that the discovery document lacks',
    at(`${HEALTHY_ISSUER}/`, { discovery: discoveryOf(HEALTHY_ISSUER) }),
    'broken',
    'ISSUER_SPELLING',
    /without it/,
  ],
  [
    'a slash at the end',
    at(`${HEALTHY_ISSUER}/`, { discovery: discoveryOf(HEALTHY_ISSUER, { issuer: `${HEALTHY_ISSUER}/` }) }),
    'warning',
    'ISSUER_SPELLING',
    /slash/,
  ],
  ['capital letters', at('https://OIDC.example.com'), 'warning', 'ISSUER_SPELLING', /capital/],
  ['two slashes', at('https://oidc.example.com//x'), 'warning', 'ISSUER_SPELLING'],
]);

test('what the issuer itself does wrong skips the rest', () => {
  assert.deepEqual(
    judgeIssuerLinks(at('https://oidc.example.com:8443')).map(({ state }) => state),
    ['broken', 'skipped', 'skipped', 'skipped'],
  );
});

const usable: readonly (readonly [string, ChainFacts])[] = [
  [
    'one of several addresses is public',
    at(HEALTHY_ISSUER, { addresses: read(['10.1.2.3', '93.184.216.34']) }),
  ],
  ['STS gives sessions for a private name', session('https://oidc.corp.internal')],
  ['STS gives sessions for a private address', session(HEALTHY_ISSUER, { addresses: read(['10.1.2.3']) })],
  ['STS gives sessions for a port', session('https://oidc.example.com:8443')],
  [
    'the user connects to another address',
    at('https://oidc.corp.internal', { connectedTo: '127.0.0.1:443' }),
  ],
  [
    'radosgw accepts a port',
    factsWithIssuer({ grant: RADOSGW, issuer: { url: 'https://oidc.example.com:8443' } }),
  ],
];
testHealthyIssuers(usable);

const OWN_STS = settingsWithSts('https://sts.corp.internal');
const VPC_STS = settingsWithSts('https://vpce-1.sts.eu-west-1.vpce.amazonaws.com');
const OTHER_STS: ChainFacts['aws']['exchange'] = read({
  endpoint: 'https://sts.corp.internal',
  region: 'us-east-1',
  isProxied: false,
  tookMs: 1,
  outcome: { kind: 'refused', status: 400, code: 'InvalidIdentityToken', said: '' },
});
const privateName = { url: 'https://oidc.corp.internal' };
testIssuerCases([
  [
    'an STS of your own',
    factsWithIssuer({ settings: OWN_STS, issuer: privateName }),
    'warning',
    'ISSUER_PRIVATE',
  ],
  ['radosgw', factsWithIssuer({ grant: RADOSGW, issuer: privateName }), 'warning', 'ISSUER_PRIVATE'],
  [
    'an STS of your own that the environment names',
    factsWithIssuer({ issuer: privateName, aws: { exchange: OTHER_STS } }),
    'warning',
    'ISSUER_PRIVATE',
  ],
  ['MinIO', factsWithIssuer({ grant: MINIO, issuer: privateName }), 'warning', 'ISSUER_PRIVATE'],
  [
    'MinIO in the cluster',
    factsWithIssuer({ grant: MINIO, issuer: { url: 'https://kubernetes.default.svc' } }),
    'warning',
    'ISSUER_IN_CLUSTER',
  ],
  [
    'an endpoint of AWS in a VPC',
    factsWithIssuer({ settings: VPC_STS, grant: AWS_ROLE, issuer: privateName }),
    'broken',
    'ISSUER_PRIVATE',
  ],
]);

test('without an issuer every link is unknown, and the missing right is named', () => {
  const { issuer: _none, ...facts } = factsWithIssuer({ cluster: { token: DENIED, apiServer: DENIED } });
  const found = judgeIssuerLinks(facts);
  assert.deepEqual(
    found.map(({ state }) => state),
    ['unknown', 'unknown', 'unknown', 'unknown'],
  );
  assert.match(found[0]?.remedy?.text ?? '', /create on serviceaccounts\/token/);
});
