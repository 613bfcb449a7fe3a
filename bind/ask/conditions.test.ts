import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertFaults } from '../../testing/faults.ts';
import { conditionProblems, parseConditions } from './conditions.ts';

const VPC = { operator: 'StringEquals', key: 'aws:SourceVpc', values: ['vpc-1'] };

/** Items, as the setting splits them at commas, and the conditions that they mean. */
const FORMS: readonly (readonly [items: readonly string[], conditions: readonly object[]])[] = [
  [['StringEquals aws:SourceVpc=vpc-1'], [VPC]],
  [['StringEquals   aws:SourceVpc = vpc-1'], [VPC]],
  [['StringEquals aws:SourceVpc=vpc-1', 'vpc-2'], [{ ...VPC, values: ['vpc-1', 'vpc-2'] }]],
  [
    ['StringEquals aws:SourceVpc=vpc-1', 'StringEquals AWS:sourcevpc=vpc-2'],
    [{ ...VPC, values: ['vpc-1', 'vpc-2'] }],
  ],
  [['StringEquals aws:SourceVpc=vpc-1', 'StringEquals aws:SourceVpc=vpc-1'], [VPC]],
  [
    ['StringEquals aws:SourceVpc=vpc-1', 'vpc-2', 'IpAddress aws:SourceIp=203.0.113.0/24'],
    [
      { ...VPC, values: ['vpc-1', 'vpc-2'] },
      { operator: 'IpAddress', key: 'aws:SourceIp', values: ['203.0.113.0/24'] },
    ],
  ],
  [
    ['ForAnyValue:StringLike aws:PrincipalTag/Team Name=a=b'],
    [{ operator: 'ForAnyValue:StringLike', key: 'aws:PrincipalTag/Team Name', values: ['a=b'] }],
  ],
];
for (const [items, conditions] of FORMS) {
  test(`--condition ${items.join(',')}`, () => assert.deepEqual(parseConditions(items), conditions));
}

for (const item of [
  'aws:SourceVpc=vpc-1',
  'StringEquals',
  'StringEquals aws:SourceVpc',
  '=',
  'StringEquals =a',
]) {
  test(`not a condition: ${item}`, () => {
    assertFaults(() => parseConditions([item]), [/^--condition: holds .*; write 'OPERATOR KEY=VALUE'/]);
  });
}

test('whatever is given, parsing ends in conditions or in a fault', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (items) => {
      const conditions = parseConditions(['StringEquals a:b=c', ...items]);
      assert.ok(conditions.every(({ values }) => values.length > 0));
    }),
  );
});

const PROBLEMS: readonly (readonly [operator: string, key: string, values: readonly string[], RegExp?])[] = [
  ['StringEquals', 'aws:SourceVpc', ['vpc-1']],
  ['StringLikeIfExists', 'aws:PrincipalTag/team', ['shop-*']],
  ['ForAllValues:StringEquals', 'aws:TagKeys', ['team']],
  ['IpAddress', 'aws:SourceIp', ['203.0.113.0/24', '2001:db8::/32', '198.51.100.7']],
  ['DateLessThan', 'aws:CurrentTime', ['2030-01-31T00:00:00Z']],
  ['Bool', 'aws:SecureTransport', ['true']],
  ['StringLike', 'sts:RoleSessionName', ['shop-*']],
  ['ForAnyValue:StringEquals', 'oidc.example.com/one:amr', ['mfa']],
  ['StringEquals', 'oidc.example.com/one:sub', ['a'], /would replace podrole's own/],
  ['StringLike', 'OIDC.example.com/one:AUD', ['*'], /would replace podrole's own/],
  ['StringNotEquals', 'other.example.com:sub', ['a'], /would replace podrole's own/],
  ['StringEqual', 'aws:SourceVpc', ['vpc-1'], /is not a condition operator/],
  ['NullIfExists', 'aws:SourceVpc', ['true'], /is not a condition operator/],
  ['StringEquals', 'SourceVpc', ['vpc-1'], /is not a condition key that podrole knows/],
  ['StringEquals', 'https://oidc.example.com/one:amr', ['a'], /is not a condition key that podrole knows/],
  ['StringEquals', 'aws:SourceVpc', [''], /has an empty value/],
  ['StringEquals', 'aws:SourceVpc', [], /has an empty value/],
  ['Bool', 'aws:SecureTransport', ['yes'], /is neither true nor false/],
  ['NumericLessThan', 'aws:MultiFactorAuthAge', ['1h'], /is not a number/],
  ['DateLessThan', 'aws:CurrentTime', ['tomorrow'], /is not a date/],
  ['IpAddress', 'aws:SourceIp', ['203.0.113.0/33'], /for a range of addresses/],
  ['NotIpAddress', 'aws:SourceIp', ['office'], /for a range of addresses/],
  ['IpAddress', 'aws:SourceIp', ['fe80::1%eth0/64'], /for a range of addresses/],
  ['StringEquals', 'aws:SourceVpc', ['v'.repeat(4_097)], /is longer than/],
];
for (const [operator, key, values, problem] of PROBLEMS) {
  const value = values.join(',').slice(0, 20);
  test(`${operator} ${key}=${value} is ${problem ? 'refused' : 'accepted'}`, () => {
    const problems = conditionProblems([{ operator, key, values }]);
    assert.equal(problems.length, problem ? 1 : 0, JSON.stringify(problems));
    if (problem) assert.match(problems[0]?.problem ?? '', problem);
  });
}
