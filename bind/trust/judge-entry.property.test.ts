import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { issuerHostPath } from '../../lib/issuer.ts';
import { asArray, asObject } from '../../lib/json/json.ts';
import { startLocalSts } from '../../testing/aws/local-sts.ts';
import { useIssuer } from '../../testing/oidc/issuer.ts';
import { judgeEntry } from './judge-entry.ts';
import { mergeTrustPolicy } from './merge-trust-policy.ts';
import { narrowedFor } from './narrowed-for.ts';
import type { TrustEntry } from './trust-entry.ts';
import { isOurSid } from './trust-statement.ts';

const issuer = await useIssuer();
const key = issuerHostPath(issuer.url);
const ENTRY: TrustEntry = {
  providerArn: `arn:aws:iam::111122223333:oidc-provider/${key}`,
  issuer: issuer.url,
  subject: 'system:serviceaccount:shop:web',
  isPattern: false,
  audience: 'sts.amazonaws.com',
};

const values = (...items: string[]) =>
  fc.uniqueArray(fc.constantFrom(...items), { minLength: 1, maxLength: 2 });
const subjects = values(ENTRY.subject, 'system:serviceaccount:shop:*', 'system:serviceaccount:shop:api', '*');
const ofToken = fc.record(
  {
    StringEquals: fc.record({ [`${key}:sub`]: subjects, [`${key}:aud`]: values(ENTRY.audience, 'vault') }),
    StringLike: fc.record({ [`${key}:sub`]: subjects }),
    StringNotEquals: fc.record({ [`${key}:sub`]: subjects }),
    'ForAllValues:StringEquals': fc.record({ [`${key}:amr`]: values('mfa') }),
    Null: fc.record({ [`${key}:email`]: fc.constantFrom('true', 'false') }),
  },
  { requiredKeys: [] },
);
const ofRequest = fc.record(
  {
    DateLessThan: fc.record({ 'aws:CurrentTime': fc.constantFrom('2000-01-01', '2100-01-01') }),
    NumericGreaterThan: fc.record({ 'aws:EpochTime': fc.constantFrom('0', '9000000000') }),
    IpAddress: fc.constant({ 'aws:SourceIp': '203.0.113.0/24' }),
    StringNotLikeIfExists: fc.constant({ 'aws:SourceVpc': 'vpc-1' }),
    Bool: fc.constant({ 'aws:MultiFactorAuthPresent': 'true' }),
  },
  { requiredKeys: [] },
);
const rarely = fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 2, arbitrary: ofRequest });
const statements = fc.record({
  Effect: fc.oneof(
    { weight: 3, arbitrary: fc.constant('Allow') },
    { weight: 1, arbitrary: fc.constant('Deny') },
  ),
  who: fc.constantFrom<object>(
    ...Array.from({ length: 4 }, () => ({ Principal: { Federated: ENTRY.providerArn } })),
    { Principal: '*' },
    { Principal: { Service: 'ec2.amazonaws.com' } },
    { NotPrincipal: { AWS: 'arn:aws:iam::111122223333:root' } },
    { NotPrincipal: { Federated: ENTRY.providerArn } },
  ),
  what: fc.constantFrom<object>(
    { Action: 'sts:AssumeRoleWithWebIdentity' },
    { Action: ['sts:assumerolewith*', 'sts:TagSession'] },
    { NotAction: 'sts:AssumeRole' },
    { NotAction: 'sts:*' },
  ),
  conditions: fc.tuple(ofToken, rarely).map(([token, request]) => ({ ...token, ...request })),
});
const policies = fc.array(statements, { minLength: 1, maxLength: 3 }).map((list) => ({
  Version: '2012-10-17',
  Statement: list.map(({ Effect, who, what, conditions }) => ({
    Effect,
    ...who,
    ...what,
    Condition: conditions,
  })),
}));

test('the local STS lets in exactly the tokens of which the judgement is yes', async () => {
  const roles = fc.sample(policies, 300).map((trustPolicy, at) => ({
    arn: `arn:aws:iam::111122223333:role/r${at}`,
    trustPolicy,
  }));
  const sts = await startLocalSts(issuer, roles);
  after(() => sts.close());
  const WebIdentityToken = await issuer.sign();
  const seen = new Set<string>();
  for (const { arn, trustPolicy } of roles) {
    const { outcome } = judgeEntry(trustPolicy, ENTRY, new Date());
    const { code } = await sts.send({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: arn,
      RoleSessionName: 'test-session',
      WebIdentityToken,
    });
    assert.equal(
      code,
      outcome === 'yes' ? undefined : 'AccessDenied',
      JSON.stringify({ outcome, trustPolicy }),
    );
    seen.add(outcome);
  }
  assert.deepEqual([...seen].sort(), ['no', 'restricted', 'yes']);
});

test('a merge changes no statement of others, goes round no condition, and is done once', () => {
  fc.assert(
    fc.property(policies, (policy) => {
      const options = { trustEntries: [ENTRY], dropIssuers: [], prune: false };
      const merged = mergeTrustPolicy(policy, options);
      assert.equal(mergeTrustPolicy(merged, options), merged);
      const after = asArray(asObject(merged)?.['Statement']) ?? [];
      assert.deepEqual(
        after.filter((statement) => !isOurSid(asObject(statement)?.['Sid'])),
        policy.Statement,
      );
      const isNarrowed = policy.Statement.some((statement) => narrowedFor(statement, ENTRY));
      if (isNarrowed) assert.equal(merged, policy);
      else assert.notEqual(judgeEntry({ ...policy, Statement: after.filter(isAllow) }, ENTRY).outcome, 'no');
    }),
    { numRuns: 500 },
  );
});

function isAllow(statement: unknown): boolean {
  return asObject(statement)?.['Effect'] === 'Allow';
}
