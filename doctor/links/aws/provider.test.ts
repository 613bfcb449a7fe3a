import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  awsChain,
  CHAIN_ACCOUNT,
  CHAIN_ISSUER,
  CHAIN_PROVIDER,
  type ChainChanges,
  DENIED,
} from '../../../testing/doctor/aws-chain.ts';
import { ABSENT, read } from '../../../testing/doctor/reading.ts';
import { provider } from './provider.ts';

const ARN = `arn:aws:iam::${CHAIN_ACCOUNT}:oidc-provider`;
const missing = (...others: readonly string[]): ChainChanges => ({
  aws: { provider: ABSENT, providerArns: read(others) },
});
const withClientIds = (...clientIds: readonly string[]): ChainChanges => ({
  aws: { provider: read({ arn: CHAIN_PROVIDER, issuer: CHAIN_ISSUER, clientIds, thumbprints: [] }) },
});

const CASES: readonly (readonly [
  name: string,
  changes: ChainChanges,
  state: string,
  code: string | undefined,
  said?: RegExp,
])[] = [
  ['as it should be', {}, 'ok', undefined],
  ['no provider at all', missing(), 'broken', 'PROVIDER_MISSING', /does not exist$/],
  ['providers of others', missing(`${ARN}/example.org`), 'broken', 'PROVIDER_MISSING', /one other/],
  [
    'the list may not be read',
    { aws: { provider: ABSENT, providerArns: DENIED } },
    'broken',
    'PROVIDER_MISSING',
  ],
  ['a slash more', missing(`${CHAIN_PROVIDER}/`), 'broken', 'PROVIDER_NEAR_MISS', /one\/ is almost/],
  ['another case', missing(`${ARN}/OIDC.example.test/one`), 'broken', 'PROVIDER_NEAR_MISS'],
  ['one character off', missing(`${ARN}/oidc.example.test/ones`), 'broken', 'PROVIDER_NEAR_MISS'],
  ['two characters swapped', missing(`${ARN}/oicd.example.test/one`), 'broken', 'PROVIDER_NEAR_MISS'],
  ['three characters off', missing(`${ARN}/oidc.example.test/three`), 'broken', 'PROVIDER_MISSING'],
  ['no client ID', withClientIds(), 'broken', 'PROVIDER_LACKS_AUDIENCE', /has no client ID/],
  [
    'other client IDs',
    withClientIds('vault', 'a', 'b', 'c', 'd', 'e'),
    'broken',
    'PROVIDER_LACKS_AUDIENCE',
    /and 1 more/,
  ],
  ['it may not be read', { aws: { provider: DENIED } }, 'unknown', undefined],
  ['no role', { chain: { grant: undefined } }, 'unknown', undefined],
];
for (const [name, changes, state, code, said = /./] of CASES) {
  test(`${name}: ${code ?? state}`, () => {
    const [finding, ...more] = provider.judge(awsChain(changes));
    assert.deepEqual([finding.state, finding.code], [state, code]);
    assert.match(finding.found, said);
    assert.equal(more.length, 0);
    if (state === 'broken')
      assert.deepEqual(finding.remedy?.commands, [
        `podrole provider ensure --issuer ${CHAIN_ISSUER} --approve`,
      ]);
  });
}

test('a client ID that is almost the audience, of a ServiceAccount with one of its own', () => {
  const grant = { roleArn: `arn:aws:iam::${CHAIN_ACCOUNT}:role/web`, audience: "it's mine" };
  const [finding] = provider.judge(awsChain({ ...withClientIds("it's nine"), chain: { grant } }));
  assert.match(finding.details.join(), /it's nine is almost the same/);
  const command = `podrole provider ensure --issuer ${CHAIN_ISSUER} --client-id 'it'\\''s mine' --approve`;
  assert.deepEqual(finding.remedy?.commands, [command]);
});

test('the issuer: of the token, else as read, else as the API server says; else unknown', () => {
  const apiServer = read({ issuer: 'https://api.example.test', jwksUri: '', keys: [] });
  const NOT = { state: 'not asked', why: 'no' } as const;
  const cases = [
    [{ aws: { provider: ABSENT }, cluster: { apiServer } }, CHAIN_ISSUER],
    [{ aws: { provider: ABSENT }, cluster: { apiServer, token: NOT } }, 'https://api.example.test'],
  ] as const;
  for (const [changes, issuer] of cases)
    assert.ok(provider.judge(awsChain(changes))[0].expected.includes(issuer));
  assert.equal(provider.judge(awsChain({ cluster: { token: NOT } }))[0].state, 'unknown');
});

test('a role of another account: use its credentials', () => {
  const account = read({ accountId: '999999999999', partition: 'aws' });
  const unasked = { state: 'not asked', why: 'the role is elsewhere' } as const;
  const [finding] = provider.judge(awsChain({ aws: { account, provider: unasked } }));
  assert.equal(finding.state, 'unknown');
  assert.match(finding.remedy?.text ?? '', /credentials of account 111122223333/);
});
