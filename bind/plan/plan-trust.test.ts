import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IAM_ROLE } from '../../lib/contract/iam.ts';
import { asObject, type JsonObject } from '../../lib/json/json.ts';
import { entryOf, outlineOf, roleFactsOf } from '../../testing/bind/desired.ts';
import type { TrustCondition, TrustEntry } from '../trust/trust-entry.ts';
import { statementsOf } from '../trust/trust-policy-parts.ts';
import { trustPolicyOf } from '../trust/trust-statement.ts';
import { planTrust } from './plan-trust.ts';

const LIMIT = IAM_ROLE.maxTrustPolicyLength;
const TWO = 'https://oidc.example.com/two';
const PATTERN = entryOf({ subject: 'system:serviceaccount:shop:*', isPattern: true });
const CHANGE = /^change the trust policy to \d+ of at most 2048 characters$/;
const OWN = trustPolicyOf([entryOf()]);
const DENY = {
  Sid: 'Stop',
  Effect: 'Deny',
  Principal: '*',
  Action: 'sts:AssumeRoleWithWebIdentity',
  Condition: { StringEquals: { 'oidc.example.com/one:sub': 'system:serviceaccount:shop:web' } },
};

type Row = readonly [
  name: string,
  policy: unknown,
  trustEntries: readonly TrustEntry[],
  outline: readonly RegExp[],
];
const CASES: readonly Row[] = [
  ['trusted already', OWN, [entryOf()], []],
  ['empty', { Version: '2012-10-17', Statement: [] }, [entryOf()], [CHANGE]],
  ['a second issuer', OWN, [entryOf(), entryOf({ issuer: TWO })], [CHANGE]],
  [
    'a pattern',
    trustPolicyOf([PATTERN]),
    [PATTERN],
    [/^note: .* lets in every ServiceAccount of namespace shop$/],
  ],
  ['not JSON', undefined, [entryOf()], [/^fault UNREADABLE_TRUST_POLICY$/]],
  [
    'a Deny of somebody else',
    { ...OWN, Statement: [...statementsOf(OWN), DENY] },
    [entryOf()],
    [
      /^not done: role shop-web: the trust policy does not let in system:serviceaccount:shop:web: Stop denies it$/,
    ],
  ],
];
for (const [name, trustPolicy, trustEntries, outline] of CASES) {
  test(`the trust policy of an existing role: ${name}`, () => {
    const options = { trustEntries, dropIssuers: [], prune: false };
    const lines = outlineOf(planTrust(roleFactsOf({ trustPolicy }), options, LIMIT));
    assert.equal(lines.length, outline.length, lines.join('\n'));
    for (const [at, pattern] of outline.entries()) assert.match(lines[at] ?? '', pattern);
  });
}

const FROM_OFFICE = { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } };
const [OWN_STATEMENT] = statementsOf(OWN);
const NARROWED = narrowed(FROM_OFFICE);
const OF_OTHERS = { ...asObject(NARROWED), Sid: 'Office' };
const VPC = { operator: 'StringEquals', key: 'aws:SourceVpc', values: ['vpc-1'] };

function narrowed(condition: JsonObject, more: JsonObject = {}): JsonObject {
  const own = asObject(OWN_STATEMENT) ?? {};
  return { ...own, Condition: { ...asObject(own['Condition']), ...condition }, ...more };
}

type RemarkRow = readonly [
  name: string,
  statement: unknown,
  asked: { readonly widen?: boolean; readonly conditions?: readonly TrustCondition[] },
  outline: readonly RegExp[],
];
const KEEPS =
  /^note: role shop-web: Podrole\w+ of its trust policy keeps conditions .*: IpAddress aws:SourceIp=203.0.113.0\/24; give --widen-trust/;
const AROUND =
  /^note: role shop-web: Office of its trust policy lets in .* only under conditions \(IpAddress aws:SourceIp.*adds no statement that bypasses them; give --widen-trust to add one$/;
const REMARKS: readonly RemarkRow[] = [
  ["podrole's own, narrowed by hand", NARROWED, {}, [KEEPS]],
  [
    "podrole's own, narrowed by hand, to be widened",
    NARROWED,
    { widen: true },
    [
      CHANGE,
      /^note: .*: WIDENED: Podrole\w+ of its trust policy loses conditions: IpAddress aws:SourceIp=203.0.113.0\/24$/,
    ],
  ],
  [
    "podrole's own, narrowed by hand, with a condition besides",
    NARROWED,
    { conditions: [VPC] },
    [CHANGE, KEEPS],
  ],
  ['of others, narrowed', OF_OTHERS, {}, [AROUND]],
  ['of others, narrowed, to be widened', OF_OTHERS, { widen: true }, [CHANGE]],
  [
    'of others, narrowed otherwise than asked',
    OF_OTHERS,
    { conditions: [VPC] },
    [
      AROUND,
      /^not done: .*no statement of its trust policy for .*:shop:web has the conditions that you ask for$/,
    ],
  ],
  [
    'of others, wide where a condition is asked for',
    { ...asObject(OWN_STATEMENT), Sid: 'Wide' },
    { conditions: [VPC] },
    [CHANGE, /^not done: .*: Wide of its trust policy lets in .* without the conditions that you ask for$/],
  ],
  [
    'with the condition that is asked for',
    narrowed({ StringLike: { 'aws:SourceVpc': 'vpc-*' } }),
    {
      conditions: [{ operator: 'StringLike', key: 'AWS:SourceVpc', values: ['vpc-*'] }],
    },
    [],
  ],
  [
    "podrole's own, closed by hand",
    { ...asObject(OWN_STATEMENT), Effect: 'Deny' },
    {},
    [
      /^not done: .* does not let in .*: Podrole\w+ was changed to a Deny; give --widen-trust to change it back$/,
    ],
  ],
  [
    "podrole's own, for a time that is over",
    narrowed({ DateLessThan: { 'aws:CurrentTime': '2020-01-01' } }),
    {},
    [/^note: .*keeps conditions/, /^not done: .*Podrole\w+ does not match: DateLessThan aws:CurrentTime/],
  ],
  [
    'a Deny that cannot be checked',
    [OWN_STATEMENT, { ...narrowed(FROM_OFFICE, { Effect: 'Deny' }), Sid: 'Stop' }],
    {},
    [/^note: role shop-web: Stop of its trust policy may deny .*: IpAddress aws:SourceIp/],
  ],
];
for (const [name, statement, { widen, conditions }, outline] of REMARKS) {
  test(`what is said of a statement ${name}`, () => {
    const options = {
      trustEntries: [entryOf({ conditions })],
      dropIssuers: [],
      prune: false,
      widen,
      now: new Date('2026-08-01T12:00:00Z'),
    };
    const trustPolicy = { Version: '2012-10-17', Statement: [statement].flat() };
    const lines = outlineOf(planTrust(roleFactsOf({ trustPolicy }), options, LIMIT));
    assert.equal(lines.length, outline.length, lines.join('\n'));
    for (const [at, pattern] of outline.entries()) assert.match(lines[at] ?? '', pattern);
  });
}

test('a policy that becomes too long is a fault, one that is too long already is not', () => {
  const issuers = Array.from({ length: 9 }, (_, at) => `https://oidc.example.com/cluster-${at}`);
  const trustEntries = issuers.map((issuer) => entryOf({ issuer }));
  const options = { trustEntries, dropIssuers: [], prune: false };
  const { faults } = planTrust(roleFactsOf(), options, LIMIT);
  assert.deepEqual(
    faults.map(({ code }) => code),
    ['TRUST_POLICY_TOO_LONG'],
  );
  const present = roleFactsOf({ trustPolicy: trustPolicyOf(trustEntries) });
  assert.deepEqual(outlineOf(planTrust(present, options, LIMIT)), []);
});
