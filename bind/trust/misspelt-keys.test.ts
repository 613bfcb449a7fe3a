import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeEntry } from './judge-entry.ts';
import { mergeTrustPolicy } from './merge-trust-policy.ts';
import { isMisspeltKey } from './misspelt-keys.ts';
import { entryStatement } from './trust-statement.ts';

const KEY = 'oidc.example.com/one';
const ENTRY = {
  issuer: `https://${KEY}`,
  providerArn: `arn:aws:iam::111122223333:oidc-provider/${KEY}`,
  subject: 'system:serviceaccount:shop:web',
  isPattern: false,
  audience: 'sts.amazonaws.com',
};

test('keys that no request has', () => {
  const wrong = [
    `https://${KEY}:sub`,
    `HTTP://${KEY}:aud`,
    `${ENTRY.providerArn}:sub`,
    'sub',
    'Aud',
    'arn:x:amr',
  ];
  for (const key of wrong) assert.equal(isMisspeltKey(key), true, key);
  const right = [`${KEY}:sub`, 'saml:sub', 'aws:SourceIp', 'sts:ExternalId', `${KEY}:groups`, '', 'subject'];
  for (const key of right) assert.equal(isMisspeltKey(key), false, key);
});

/** Condition and whether the statement lets the token in. */
const CASES: readonly (readonly [condition: object, outcome: 'yes' | 'no' | 'restricted'])[] = [
  [{ StringEquals: { [`https://${KEY}:sub`]: ENTRY.subject } }, 'no'],
  [{ StringEquals: { [`${ENTRY.providerArn}:sub`]: ENTRY.subject, [`${KEY}:aud`]: ENTRY.audience } }, 'no'],
  [{ StringLike: { [`https://${KEY}:aud`]: '*' }, StringEquals: { [`${KEY}:sub`]: ENTRY.subject } }, 'no'],
  [{ StringNotEquals: { [`https://${KEY}:sub`]: 'other' } }, 'yes'],
  [{ StringEqualsIfExists: { [`https://${KEY}:sub`]: 'other' } }, 'yes'],
  [{ 'ForAllValues:StringEquals': { [`https://${KEY}:sub`]: 'other' } }, 'yes'],
  [{ Null: { [`https://${KEY}:sub`]: 'true' } }, 'yes'],
  [{ StringNotEquals: { [`https://${KEY}:sub`]: 'other', 'aws:SourceVpc': 'vpc-1' } }, 'restricted'],
  [{ StringEquals: { [`https://${KEY}:sub`]: ENTRY.subject, 'aws:SourceVpc': 'vpc-1' } }, 'no'],
];
for (const [Condition, outcome] of CASES) {
  test(`${JSON.stringify(Condition)}: ${outcome}`, () => {
    const statement = { ...entryStatement(ENTRY), Sid: 'Theirs', Condition };
    assert.equal(judgeEntry({ Statement: [statement] }, ENTRY).outcome, outcome);
    const deny = { Statement: [entryStatement(ENTRY), { ...statement, Effect: 'Deny' }] };
    const denied = { yes: 'no', no: 'yes', restricted: 'restricted' }[outcome];
    assert.equal(judgeEntry(deny, ENTRY).outcome, denied);
  });
}

test('podrole adds its statement beside one that lets in nobody', () => {
  const Condition = { StringEquals: { [`https://${KEY}:sub`]: ENTRY.subject } };
  const before = { Statement: [{ ...entryStatement(ENTRY), Sid: 'Theirs', Condition }] };
  const after = mergeTrustPolicy(before, { trustEntries: [ENTRY], dropIssuers: [], prune: false });
  assert.deepEqual(after, { Statement: [...before.Statement, entryStatement(ENTRY)] });
});
