import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wellKnownPolicy, wellKnownPolicyNames } from '../well-known/well-known-policy.ts';
import { policyProblems } from './policy-problems.ts';

const ALLOW = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };
const policyOf = (...statements: readonly unknown[]) => ({ Version: '2012-10-17', Statement: statements });
const without = (name: string) =>
  Object.fromEntries(Object.entries(ALLOW).filter(([element]) => element !== name));

const GOOD: readonly (readonly [name: string, document: unknown])[] = [
  ['one statement without a list and without Version', { Statement: ALLOW }],
  ['the older Version and an Id', { ...policyOf(ALLOW), Version: '2008-10-17', Id: 'mine' }],
  [
    'NotAction and NotResource',
    policyOf({ Effect: 'Deny', NotAction: ['s3:*'], NotResource: 'arn:aws:s3:::a/*' }),
  ],
  ['a policy variable', policyOf({ ...ALLOW, Resource: [`arn:aws:s3:::b/$\{aws:PrincipalTag/team}/*`] })],
  ['wildcards in an action', policyOf({ ...ALLOW, Action: ['ec2:Describe*', '*', 's3:Get?bject', '*:*'] })],
  [
    'Sids that differ only in case, and empty ones',
    policyOf(...['A', 'a', '', ''].map((Sid) => ({ ...ALLOW, Sid }))),
  ],
  [
    'conditions of every type',
    policyOf({
      ...ALLOW,
      Condition: {
        Bool: { 'aws:SecureTransport': true },
        'ForAnyValue:StringLikeIfExists': { 'aws:TagKeys': ['a', 'b*'] },
        NumericLessThan: { 's3:max-keys': 10 },
        IpAddress: { 'aws:SourceIp': '203.0.113.0/24' },
        DateGreaterThanEquals: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' },
        Null: { 'aws:TokenIssueTime': 'false' },
        ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/x' },
      },
    }),
  ],
];
for (const [name, document] of GOOD)
  test(`good: ${name}`, () => assert.deepEqual(policyProblems(document), []));

for (const name of wellKnownPolicyNames) {
  test(`good: the well-known policy ${name}`, () => {
    for (const partition of ['aws', 'aws-cn'])
      for (const { document } of wellKnownPolicy(name, partition).inlinePolicies)
        assert.deepEqual(policyProblems(document), []);
  });
}

const BAD: readonly (readonly [document: unknown, problems: readonly string[]])[] = [
  [[], ['is not a JSON object']],
  [null, ['is not a JSON object']],
  ['{}', ['is not a JSON object']],
  [{}, ['has no Statement']],
  [policyOf(), ['has no Statement']],
  [{ Statement: 'x' }, ['has Statement, which is not an object']],
  [policyOf(ALLOW, null), ['has Statement[1], which is not an object']],
  [{ ...policyOf(ALLOW), Version: '2012-10-18' }, ['has a Version that is not 2012-10-17 or 2008-10-17']],
  [{ ...policyOf(ALLOW), Statements: [] }, ['has the unknown element Statements: write Statement']],
  [policyOf({ ...ALLOW, Actions: 's3:*' }), ['has the unknown element Statement[0].Actions: write Action']],
  [policyOf({ ...ALLOW, Comment: '' }), ['has the unknown element Statement[0].Comment']],
  [policyOf(without('Effect')), ['has Statement[0] without Effect']],
  [policyOf({ ...ALLOW, Effect: 'allow' }), ['has Statement[0].Effect, which is not Allow or Deny']],
  [policyOf(without('Action')), ['has Statement[0] without Action or NotAction']],
  [policyOf(without('Resource')), ['has Statement[0] without Resource or NotResource']],
  [policyOf({ ...ALLOW, NotAction: 's3:*' }), ['has Statement[0] with both Action and NotAction']],
  [policyOf({ ...ALLOW, NotResource: '*' }), ['has Statement[0] with both Resource and NotResource']],
  [policyOf({ ...ALLOW, Action: [] }), ['has Statement[0].Action, which is empty']],
  [
    policyOf({ ...ALLOW, Action: 'GetObject' }),
    ['has Statement[0].Action with "GetObject", which is not SERVICE:ACTION or *'],
  ],
  [
    policyOf({ ...ALLOW, Action: { a: 1 } }),
    ['has Statement[0].Action with a value, which is not SERVICE:ACTION or *'],
  ],
  [
    policyOf({ ...ALLOW, Resource: 'orders' }),
    ['has Statement[0].Resource with "orders", which is not an ARN or *'],
  ],
  [
    policyOf({ ...ALLOW, Resource: ['*', 1] }),
    ['has Statement[0].Resource with a value, which is not an ARN or *'],
  ],
  [
    policyOf({ ...ALLOW, Principal: '*' }),
    ['has Statement[0].Principal, which only the policy of a resource may have'],
  ],
  [
    policyOf({ ...ALLOW, NotPrincipal: '*' }),
    ['has Statement[0].NotPrincipal, which only the policy of a resource may have'],
  ],
  [policyOf({ ...ALLOW, Sid: 'A' }, { ...ALLOW, Sid: 'A' }), ['has the Sid A twice']],
  [
    policyOf({ ...ALLOW, Sid: 'a b' }),
    ['has Statement[0].Sid, which has characters other than letters and digits'],
  ],
  [policyOf({ ...ALLOW, Condition: [] }), ['has Statement[0].Condition, which is not an object']],
  [
    policyOf({ ...ALLOW, Condition: { StringIs: { a: 'b' } } }),
    ['has Statement[0].Condition.StringIs, which is not a condition operator'],
  ],
  [
    policyOf({ ...ALLOW, Condition: { StringLike: 'a' } }),
    ['has Statement[0].Condition.StringLike, which is not an object of condition keys'],
  ],
  [
    policyOf({ ...ALLOW, Condition: { Bool: { a: { b: 1 } } } }),
    ['has Statement[0].Condition.Bool with a value of a that is not a string, number or boolean'],
  ],
  [
    policyOf({ Action: 'x', Resource: '*' }, { ...ALLOW, Effect: 1 }),
    [
      'has Statement[0] without Effect',
      'has Statement[0].Action with "x", which is not SERVICE:ACTION or *',
      'has Statement[1].Effect, which is not Allow or Deny',
    ],
  ],
];
for (const [document, problems] of BAD)
  test(`bad: ${problems.join('; ')} ${JSON.stringify(document)?.length}`, () =>
    assert.deepEqual(policyProblems(document), problems));
