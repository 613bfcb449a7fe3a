import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeTargetTrust, type TargetTrust } from './judge-target-trust.ts';
import type { TargetEntry } from './target-entry.ts';
import type { TargetRequest } from './target-request.ts';
import { targetStatement } from './target-statement.ts';

const ROLE = 'arn:aws:iam::111122223333:role/shop-web';
const ID = 'eu-central-1/111122223333/one/shop/web';
const ENTRY: TargetEntry = {
  issuer: 'https://oidc.example.test/one',
  subject: 'system:serviceaccount:shop:web',
  roleArn: ROLE,
  externalId: ID,
  tags: {
    'kubernetes-namespace': 'shop',
    'kubernetes-service-account': 'web',
    'eks-cluster-name': 'one',
  },
};
const REQUEST: TargetRequest = {
  roleArn: ROLE,
  namespace: 'shop',
  serviceAccount: 'web',
  hasSessionTags: true,
  clusterName: 'one',
  region: 'eu-central-1',
};
const OWN = targetStatement(ENTRY);
const BOTH = ['sts:AssumeRole', 'sts:TagSession'];
const allow = (part: object) => ({ Effect: 'Allow', Principal: { AWS: ROLE }, Action: BOTH, ...part });
const equals = (block: object) => ({ Condition: { StringEquals: block } });

type Row = readonly [
  name: string,
  statements: readonly object[],
  trust: TargetTrust,
  request?: Partial<TargetRequest>,
];

const ROWS: readonly Row[] = [
  ["podrole's own", [OWN], 'trusts'],
  [
    "podrole's own, nothing known of the cluster",
    [OWN],
    'trusts',
    { clusterName: undefined, region: undefined },
  ],
  [
    "podrole's own without tags",
    [targetStatement({ ...ENTRY, tags: undefined })],
    'trusts',
    { hasSessionTags: false },
  ],
  [
    "podrole's own without tags, for a pod that sends them",
    [targetStatement({ ...ENTRY, tags: undefined })],
    'no TagSession',
  ],
  ["podrole's own with tags, for a pod that sends none", [OWN], 'tags wrong', { hasSessionTags: false }],
  ['the role by its ARN alone', [allow({})], 'trusts'],
  ['the account', [allow({ Principal: { AWS: 'arn:aws:iam::111122223333:root' } })], 'trusts'],
  ['the account by its ID', [allow({ Principal: { AWS: ['111122223333'] } })], 'trusts'],
  ['everyone', [allow({ Principal: '*' })], 'trusts'],
  ['everyone, as an AWS principal', [allow({ Principal: { AWS: '*' } })], 'trusts'],
  ['another account', [allow({ Principal: { AWS: '444455556666' } })], 'does not trust'],
  ['another role', [allow({ Principal: { AWS: `${ROLE}2` } })], 'does not trust'],
  ['a service', [allow({ Principal: { Service: 'ec2.amazonaws.com' } })], 'does not trust'],
  ['no statement', [], 'does not trust'],
  [
    'single sessions',
    [allow({ Principal: { AWS: 'arn:aws:sts::111122223333:assumed-role/shop-web/x' } })],
    'restricted',
  ],
  [
    'everyone but somebody',
    [{ Effect: 'Allow', NotPrincipal: { AWS: '444455556666' }, Action: BOTH }],
    'restricted',
  ],
  ['a deleted role', [allow({ Principal: { AWS: 'AROAEXAMPLEEXAMPLE77' } })], 'role deleted'],
  [
    'a deleted role beside the role',
    [allow({ Principal: { AWS: ['AROAEXAMPLEEXAMPLE77', ROLE] } })],
    'trusts',
  ],
  ['AssumeRole alone', [allow({ Action: 'sts:AssumeRole' })], 'no TagSession'],
  [
    'AssumeRole alone is enough without tags',
    [allow({ Action: 'sts:AssumeRole' })],
    'trusts',
    { hasSessionTags: false },
  ],
  ['TagSession alone', [allow({ Action: 'sts:TagSession' })], 'does not trust'],
  [
    'the actions in two statements',
    [allow({ Action: 'STS:assumerole' }), allow({ Action: 'sts:Tag*' })],
    'trusts',
  ],
  ['every action', [allow({ Action: 'sts:*' })], 'trusts'],
  ['AssumeRoleWithWebIdentity', [allow({ Action: 'sts:AssumeRoleWithWebIdentity' })], 'does not trust'],
  [
    'every action but TagSession',
    [{ Effect: 'Allow', Principal: { AWS: ROLE }, NotAction: 'sts:TagSession' }],
    'no TagSession',
  ],
  [
    'an external id of another ServiceAccount',
    [allow(equals({ 'sts:ExternalId': `${ID}2` }))],
    'external id wrong',
  ],
  [
    'an external id of another cluster',
    [allow(equals({ 'sts:ExternalId': ID.replace('one', 'two') }))],
    'external id wrong',
  ],
  [
    'an external id of another cluster, if that is not known',
    [allow(equals({ 'sts:ExternalId': ID.replace('one', 'two') }))],
    'trusts',
    { clusterName: undefined },
  ],
  [
    'an external id of another region',
    [allow(equals({ 'sts:ExternalId': ID.replace('central', 'west') }))],
    'external id wrong',
  ],
  [
    'an external id of another region, if that is not known',
    [allow(equals({ 'sts:ExternalId': ID.replace('central', 'west') }))],
    'trusts',
    { region: undefined },
  ],
  [
    'an external id of another account',
    [allow(equals({ 'sts:ExternalId': ID.replace('1111', '4444') }))],
    'external id wrong',
  ],
  [
    'a made-up external id',
    [allow(equals({ 'sts:ExternalId': 'secret' }))],
    'external id wrong',
    { clusterName: undefined, region: undefined },
  ],
  ['an external id in a list', [allow(equals({ 'STS:externalid': ['secret', ID] }))], 'trusts'],
  [
    'an external id by a pattern',
    [allow({ Condition: { StringLike: { 'sts:ExternalId': 'eu-*/111122223333/one/shop/*' } } })],
    'trusts',
    { region: undefined },
  ],
  [
    'an external id that is refused',
    [allow({ Condition: { StringNotEquals: { 'sts:ExternalId': ID } } })],
    'external id wrong',
  ],
  [
    'a tag with another value',
    [allow(equals({ 'aws:RequestTag/kubernetes-namespace': 'ops' }))],
    'tags wrong',
  ],
  ['a tag of another case', [allow(equals({ 'aws:requesttag/Kubernetes-Namespace': 'shop' }))], 'trusts'],
  ['a tag that no pod sends', [allow(equals({ 'aws:RequestTag/eks-cluster-arn': 'arn:x' }))], 'tags wrong'],
  ['a tag of a single pod', [allow(equals({ 'aws:RequestTag/kubernetes-pod-name': 'web-0' }))], 'restricted'],
  [
    'tag keys of pods',
    [allow({ Condition: { 'ForAllValues:StringLike': { 'aws:TagKeys': ['kubernetes-*', 'eks-*'] } } })],
    'trusts',
  ],
  [
    'the role by a condition',
    [allow({ Principal: { AWS: '111122223333' }, Condition: { ArnEquals: { 'aws:PrincipalArn': ROLE } } })],
    'trusts',
  ],
  [
    'another role by a condition',
    [
      allow({
        Principal: { AWS: '111122223333' },
        Condition: { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/ops-*' } },
      }),
    ],
    'conditions fail',
  ],
  [
    'a source address',
    [allow({ Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } })],
    'restricted',
  ],
  ['a policy variable', [allow(equals({ 'sts:ExternalId': `$\{aws:username}` }))], 'restricted'],
  ['a Deny for the role', [OWN, { ...allow({}), Effect: 'Deny' }], 'denied'],
  [
    'a Deny for others',
    [OWN, { ...allow({ Principal: { AWS: '444455556666' } }), Effect: 'Deny' }],
    'trusts',
  ],
  [
    'a Deny under a condition that is not met',
    [
      OWN,
      {
        ...allow({ Principal: '*', Condition: { StringNotEquals: { 'sts:ExternalId': ID } } }),
        Effect: 'Deny',
      },
    ],
    'trusts',
  ],
  [
    'a Deny that cannot be checked',
    [OWN, { ...allow({ Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } }), Effect: 'Deny' }],
    'restricted',
  ],
  ['a statement with an unknown element', [allow({ Resource: '*' })], 'restricted'],
];

for (const [name, Statement, trust, part] of ROWS) {
  test(`target trust of ${name}: ${trust}`, () => {
    const verdict = judgeTargetTrust({ Version: '2012-10-17', Statement }, { ...REQUEST, ...part });
    assert.equal(verdict.trust, trust, verdict.details.join('\n'));
  });
}

test('a trust policy that is not an object trusts nobody', () => {
  for (const policy of [undefined, null, 'x', [], { Statement: [7] }])
    assert.equal(judgeTargetTrust(policy, REQUEST).trust, 'does not trust');
});

test('an account or everyone without a condition on who asks is open, the role is not', () => {
  const isOpen = (statement: object) => judgeTargetTrust({ Statement: [statement] }, REQUEST).isOpen;
  assert.equal(isOpen(OWN), false);
  assert.equal(isOpen(allow({ Principal: { AWS: '111122223333' } })), true);
  assert.equal(isOpen(allow({ Principal: '*' })), true);
  assert.equal(isOpen(allow({ Principal: '*', ...equals({ 'sts:ExternalId': ID }) })), false);
  assert.equal(
    isOpen(allow({ Principal: '*', Condition: { StringNotEquals: { 'sts:ExternalId': 'x' } } })),
    true,
  );
});
