import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '../../../lib/json/json.ts';
import { mergeTargetTrust, withoutTargetTrust } from './merge-target-trust.ts';
import type { TargetEntry } from './target-entry.ts';
import { isTargetSid, targetSid, targetStatement } from './target-statement.ts';

const ENTRY: TargetEntry = {
  issuer: 'https://oidc.example.test/one',
  subject: 'system:serviceaccount:shop:web',
  roleArn: 'arn:aws:iam::111122223333:role/shop-web',
  externalId: 'eu-central-1/111122223333/one/shop/web',
  tags: { 'kubernetes-namespace': 'shop' },
};
const OWN = targetStatement(ENTRY);
const OTHER = {
  Sid: 'x',
  Effect: 'Allow',
  Principal: { Service: 'ec2.amazonaws.com' },
  Action: 'sts:AssumeRole',
};
const { Sid: _, ...UNNAMED } = OWN;
const policy = (...Statement: unknown[]): JsonObject => ({ Version: '2012-10-17', Statement });
const source = { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } };
const withMore = { ...OWN, Condition: { ...(OWN['Condition'] as object), ...source } };

type Row = readonly [name: string, before: JsonObject, after: JsonObject | 'same'];
const ROWS: readonly Row[] = [
  ['is added behind others', policy(OTHER), policy(OTHER, OWN)],
  ['is added behind a single statement', { Statement: OTHER }, { Statement: [OTHER, OWN] }],
  ['is there', policy(OWN, OTHER), 'same'],
  [
    'is there in other words',
    policy({ ...OWN, Action: ['sts:TagSession', 'sts:AssumeRole'], Principal: { AWS: [ENTRY.roleArn] } }),
    'same',
  ],
  ['is there by somebody else', policy(UNNAMED), 'same'],
  [
    'is there by somebody else, with keys in another case',
    policy({
      ...UNNAMED,
      Condition: {
        StringEquals: { 'STS:EXTERNALID': ENTRY.externalId, 'aws:requesttag/kubernetes-namespace': 'shop' },
      },
    }),
    'same',
  ],
  [
    'is there by somebody else for more roles without the external id',
    policy({ ...UNNAMED, Condition: {} }),
    policy({ ...UNNAMED, Condition: {} }, OWN),
  ],
  [
    'is there by somebody else for another role',
    policy({ ...UNNAMED, Principal: { AWS: 'arn:aws:iam::111122223333:role/job' } }),
    policy({ ...UNNAMED, Principal: { AWS: 'arn:aws:iam::111122223333:role/job' } }, OWN),
  ],
  [
    'is there by somebody else as a Deny',
    policy({ ...UNNAMED, Effect: 'Deny' }),
    policy({ ...UNNAMED, Effect: 'Deny' }, OWN),
  ],
  [
    'is there by somebody else for one action',
    policy({ ...UNNAMED, Action: 'sts:AssumeRole' }),
    policy({ ...UNNAMED, Action: 'sts:AssumeRole' }, OWN),
  ],
  ['names a deleted role', policy({ ...OWN, Principal: { AWS: 'AROAEXAMPLEEXAMPLE77' } }), policy(OWN)],
  ['names everyone', policy({ ...OWN, Principal: '*' }), policy(OWN)],
  [
    'has another external id',
    policy({ ...OWN, Condition: { StringEquals: { 'sts:ExternalId': 'x' } } }),
    policy(OWN),
  ],
  [
    'has an external id by a pattern',
    policy({ ...OWN, Condition: { StringLike: { 'sts:ExternalId': '*' } } }),
    policy(OWN),
  ],
  ['has lost its conditions', policy({ ...OWN, Condition: undefined }), policy(OWN)],
  ['has lost an action', policy({ ...OWN, Action: 'sts:AssumeRole' }), policy(OWN)],
  ['has further conditions', policy(withMore), 'same'],
  [
    'keeps further conditions when it is repaired',
    policy({ ...withMore, Principal: { AWS: '*' } }),
    policy(withMore),
  ],
  ['was made a Deny', policy({ ...OWN, Effect: 'Deny' }), 'same'],
];
for (const [name, before, after] of ROWS) {
  test(`podrole's statement of a target ${name}`, () => {
    const merged = mergeTargetTrust(before, ENTRY);
    if (after === 'same') assert.equal(merged, before);
    else assert.deepEqual(merged, after);
  });
}

test('after the issuer of the cluster changed, the statement gets the Sid of the new one', () => {
  const moved = { ...ENTRY, issuer: 'https://oidc.example.test/two' };
  const merged = mergeTargetTrust(policy(OTHER, OWN), moved);
  assert.deepEqual(merged, policy(OTHER, targetStatement(moved)));
  assert.deepEqual(withoutTargetTrust(merged, moved), policy(OTHER));
});

test('session tags can be switched off and on again', () => {
  const off = mergeTargetTrust(policy(OWN), { ...ENTRY, tags: undefined });
  assert.deepEqual(off, policy(targetStatement({ ...ENTRY, tags: undefined })));
  assert.deepEqual(mergeTargetTrust(off, ENTRY), policy(OWN));
});

test('only the statement of the ServiceAccount is taken away', () => {
  const other = targetStatement({ ...ENTRY, subject: 'system:serviceaccount:shop:job' });
  const both = policy(OTHER, OWN, other);
  assert.deepEqual(withoutTargetTrust(both, ENTRY), policy(OTHER, other));
  assert.equal(withoutTargetTrust(both, { ...ENTRY, issuer: 'https://x.test' }), both);
});

test('Sids: the same for a ServiceAccount of a cluster, whatever else changes', () => {
  assert.equal(targetSid({ ...ENTRY, roleArn: 'arn:x', externalId: 'y' } as TargetEntry), OWN['Sid']);
  assert.notEqual(targetSid({ ...ENTRY, issuer: 'https://oidc.example.test/two' }), OWN['Sid']);
  assert.ok(isTargetSid(OWN['Sid']));
  for (const sid of ['Podrole0123456789', 'PodroleTarget', undefined]) assert.ok(!isTargetSid(sid));
});

const statements = fc.array(
  fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(OWN, OTHER, UNNAMED, withMore),
    fc.record({ Sid: fc.constantFrom(OWN['Sid'], 'x'), Effect: fc.jsonValue(), Condition: fc.jsonValue() }),
  ),
);

test('property: others stay as they are, a second merge changes nothing, and removal takes only what merge gave', () => {
  fc.assert(
    fc.property(statements, (found) => {
      const before = policy(...found);
      const merged = mergeTargetTrust(before, ENTRY);
      assert.equal(mergeTargetTrust(merged, ENTRY), merged);
      const foreign = (of: JsonObject) => JSON.stringify(withoutTargetTrust(of, ENTRY)['Statement']);
      assert.equal(foreign(merged), foreign(before));
    }),
  );
});
