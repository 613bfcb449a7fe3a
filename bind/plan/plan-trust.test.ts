import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IAM_ROLE } from '../../lib/contract/iam.ts';
import { entryOf, outlineOf, roleFactsOf } from '../../testing/bind/desired.ts';
import { statementsOf } from '../trust/merge-trust-policy.ts';
import type { TrustEntry } from '../trust/trust-entry.ts';
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
    [/^note: role shop-web: Stop of its trust policy denies system:serviceaccount:shop:web$/],
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
