import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertLinear } from '../testing/cost/step-count.ts';
import { parseTrustPolicy } from './policy-document.ts';
import { describeDecision, evaluateTrustPolicy, type Outcome } from './trust-policy.ts';

const PROVIDER = 'arn:aws:iam::111122223333:oidc-provider/oidc.example.com/one';
const SUB = 'oidc.example.com/one:sub';
const WEB = 'system:serviceaccount:shop:web';
const REQUEST = {
  action: 'sts:AssumeRoleWithWebIdentity',
  federatedPrincipal: PROVIDER,
  context: { [SUB]: WEB, 'oidc.example.com/one:aud': 'sts.amazonaws.com' },
};
const ALLOW = { Effect: 'Allow', Principal: { Federated: PROVIDER }, Action: REQUEST.action };

type Values = string | boolean | string[];

function decide(statement: unknown, context: Record<string, string> = REQUEST.context) {
  return evaluateTrustPolicy(parseTrustPolicy({ Statement: statement }), { ...REQUEST, context });
}

const NOW = { 'aws:CurrentTime': '2026-08-01T12:00:00.000Z', 'aws:EpochTime': '1785585600' };
const TIME = 'aws:CurrentTime';
const EPOCH = 'aws:EpochTime';
const TLS = 'aws:SecureTransport';

/** Conditions on the request instead of the token, at NOW. */
const ofRequest: readonly (readonly [operator: string, key: string, values: Values, outcome: Outcome])[] = [
  ['DateLessThan', TIME, '2030-01-01T00:00:00Z', 'yes'],
  ['DateLessThan', TIME, '2026-08-01T12:00:00Z', 'no'],
  ['DateLessThanEquals', TIME, '2026-08-01T12:00:00Z', 'yes'],
  ['DateGreaterThan', TIME, '2026-08-01', 'yes'],
  ['DateGreaterThan', TIME, '2026-08-01T14:00:00+01:00', 'no'],
  ['DateGreaterThanEquals', TIME, '1785585600', 'yes'],
  ['DateEquals', TIME, ['2000-01-01', '2026-08-01T12:00Z'], 'yes'],
  ['DateNotEquals', TIME, '2026-08-01T12:00:00Z', 'no'],
  ['DateLessThanIfExists', TIME, '2000-01-01', 'no'],
  ['NumericLessThan', EPOCH, '1785585601', 'yes'],
  ['NumericGreaterThanEquals', EPOCH, '1785585601', 'no'],
  ['NumericNotEquals', EPOCH, '5', 'yes'],
  ['DateGreaterThan', EPOCH, '2026-07-31T23:59:59Z', 'yes'],
  ['Bool', TLS, true, 'yes'],
  ['Bool', TLS, 'TRUE', 'yes'],
  ['Bool', TLS, 'false', 'no'],
  ['BoolIfExists', TLS, 'false', 'no'],
  ['Null', TLS, 'false', 'yes'],
  ['Null', TIME, 'true', 'no'],
  ['Bool', 'aws:MultiFactorAuthPresent', 'true', 'restricted'],
  ['IpAddress', 'aws:SourceIp', '203.0.113.0/24', 'restricted'],
  ['NotIpAddress', 'aws:SourceIp', '203.0.113.0/24', 'restricted'],
  ['StringEquals', 'aws:SourceVpc', 'vpc-1', 'restricted'],
  ['StringEqualsIfExists', 'aws:SourceVpc', 'vpc-1', 'restricted'],
  ['StringNotEquals', 'aws:SourceVpc', 'vpc-1', 'restricted'],
  ['Null', 'aws:SourceVpc', 'true', 'restricted'],
  ['StringEquals', 'aws:PrincipalTag/Team Name', 'shop', 'restricted'],
  ['ForAllValues:StringEquals', 'aws:TagKeys', 'team', 'restricted'],
  ['ForAnyValue:StringLike', 'aws:PrincipalOrgPaths', 'o-1/*', 'restricted'],
  ['ArnLike', 'aws:PrincipalArn', 'arn:*', 'restricted'],
  ['StringEquals', 'sts:RoleSessionName', 'shop', 'restricted'],
  ['StringEquals', 'sts:ExternalId', 'x', 'restricted'],
  ['StringEquals', SUB, `\${aws:userid}`, 'restricted'],
  ['ArnEquals', SUB, WEB, 'restricted'],
];
for (const [operator, key, values, outcome] of ofRequest) {
  test(`${operator} ${key} ${JSON.stringify(values)} is ${outcome}`, () => {
    const condition = { [operator]: { [key]: values } };
    const context = { ...REQUEST.context, ...NOW, [TLS]: 'true' };
    assert.equal(decide({ ...ALLOW, Condition: condition }, context).outcome, outcome);
    const denied = { yes: 'no', no: 'yes', restricted: 'restricted' }[outcome];
    assert.equal(
      decide([ALLOW, { ...ALLOW, Effect: 'Deny', Condition: condition }], context).outcome,
      denied,
    );
  });
}

const FROM_VPC = { StringEquals: { 'aws:SourceVpc': 'vpc-1' } };
const NARROW = { ...ALLOW, Condition: FROM_VPC };
const threeValued: readonly (readonly [name: string, statement: unknown, outcome: Outcome])[] = [
  ['a wide Allow beside a narrow one', [NARROW, ALLOW], 'yes'],
  [
    'a known failure beside an unknown condition',
    { ...ALLOW, Condition: { ...FROM_VPC, Null: { [SUB]: true } } },
    'no',
  ],
  ['a narrow Allow and a Deny that matches', [NARROW, { ...ALLOW, Effect: 'Deny' }], 'no'],
  ['a narrow Deny of somebody else', [ALLOW, { ...NARROW, Effect: 'Deny', Principal: { AWS: 'x' } }], 'yes'],
  ['a narrow Deny alone', { ...NARROW, Effect: 'Deny' }, 'no'],
  ['NotPrincipal of the provider', { ...without('Principal'), NotPrincipal: ALLOW.Principal }, 'no'],
  ['NotPrincipal of another', { ...without('Principal'), NotPrincipal: { AWS: 'x' } }, 'restricted'],
  [
    'a Deny of NotPrincipal',
    [ALLOW, { ...without('Principal'), NotPrincipal: { AWS: 'x' }, Effect: 'Deny' }],
    'restricted',
  ],
  ['NotAction of the action', { ...without('Action'), NotAction: 'sts:assumeRole*' }, 'no'],
  ['NotAction of another', { ...without('Action'), NotAction: ['sts:TagSession'] }, 'yes'],
  ['every federated principal', { ...ALLOW, Principal: { Federated: '*' } }, 'yes'],
];
for (const [name, statement, outcome] of threeValued) {
  test(`${name}: ${outcome}`, () => assert.equal(decide(statement).outcome, outcome));
}

function without(member: 'Principal' | 'Action'): object {
  return Object.fromEntries(Object.entries(ALLOW).filter(([name]) => name !== member));
}

test('a decision names the conditions that it cannot check', () => {
  assert.equal(
    describeDecision(decide(NARROW)),
    `restricted by conditions that cannot be checked here
Statement[0] (Allow) may match: 1 of 1 conditions cannot be checked here
  StringEquals aws:SourceVpc: expected "vpc-1", which cannot be checked here`,
  );
});

test('a pattern of maximum length takes steps in proportion to the claim', async () => {
  for (const pattern of ['a*'.repeat(2_000), `${'*a'.repeat(60)}b`, '*'.repeat(4_000)]) {
    await assertLinear(
      (size) => {
        const policy = parseTrustPolicy({
          Statement: { ...ALLOW, Condition: { StringLike: { [SUB]: `${pattern}b` } } },
        });
        const request = { ...REQUEST, context: { [SUB]: 'a'.repeat(size) } };
        return () => evaluateTrustPolicy(policy, request);
      },
      { size: 1_500 },
    );
  }
});

test('the steps of reading and evaluating grow with the number of statements', async () => {
  await assertLinear(
    (size) => {
      const Statement = Array.from({ length: size }, (_, at) => ({
        ...ALLOW,
        Sid: `S${at}`,
        Condition: { StringEquals: { [SUB]: WEB, 'aws:SourceVpc': 'vpc-1' } },
      }));
      return () => describeDecision(evaluateTrustPolicy(parseTrustPolicy({ Statement }), REQUEST));
    },
    { size: 50 },
  );
});
