import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { asArray, asObject, asText } from '../../lib/json/json.ts';
import { parseTrustPolicy } from '../../sts/policy-document.ts';
import { evaluateTrustPolicy } from '../../sts/trust-policy.ts';
import type { TrustGrant } from '../desired/desired.ts';
import { grantSid } from './grant-statement.ts';
import { mergeTrustPolicy } from './merge-trust-policy.ts';

const ACCOUNT = 'arn:aws:iam::111122223333';

function grantOf(issuer: string, subject: string): TrustGrant {
  return {
    providerArn: `${ACCOUNT}:oidc-provider/${issuer}`,
    issuer: `https://${issuer}`,
    subject: `system:serviceaccount:${subject}`,
    isPattern: /[*?]/.test(subject),
    audience: 'sts.amazonaws.com',
  };
}

/**
 * A case is one file: the policy as IAM holds it, what is wanted (grants as `ISSUER NAMESPACE:NAME`), and the policy afterwards. To
 * rewrite the latter, then look at the difference: UPDATE_GOLDEN=1 node --test bind/trust/merge-trust-policy.test.ts
 */
const files = globSync('testdata/*.json', { cwd: import.meta.dirname }).sort();

test('there are cases', () => assert.ok(files.length >= 10));

for (const file of files) {
  test(basename(file, '.json'), () => {
    const path = `${import.meta.dirname}/${file}`;
    const found = asObject(JSON.parse(readFileSync(path, 'utf8'))) ?? {};
    const texts = (name: string) => (asArray(found[name]) ?? []).map(String);
    const grants = texts('grants').map((text) => grantOf(text.split(' ')[0] ?? '', text.split(' ')[1] ?? ''));
    const wishes = { grants, dropIssuers: texts('dropIssuers'), prune: found['prune'] === true };
    const merged = mergeTrustPolicy(found['policy'], wishes);
    const expected = merged === found['policy'] ? 'unchanged' : merged;
    if (process.env['UPDATE_GOLDEN']) {
      writeFileSync(path, `${JSON.stringify({ ...found, expected }, null, 2)}\n`);
      return;
    }
    assert.deepEqual(expected, found['expected']);
    assert.equal(mergeTrustPolicy(merged, wishes), merged, 'a second run changes nothing');
  });
}

const issuers = fc.constantFrom('oidc.example.com/one', 'oidc.example.com/two', 'oidc.example.org');
const subjects = fc.constantFrom('shop:web', 'shop:api', 'ops:web', 'shop:*');
const grantLists = fc.uniqueArray(
  fc.tuple(issuers, subjects).map(([issuer, subject]) => grantOf(issuer, subject)),
  {
    minLength: 1,
    maxLength: 4,
    selector: ({ issuer, subject }) => `${issuer} ${subject}`,
  },
);
const foreign = fc.constantFrom(
  { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
  { Sid: 'Old', Effect: 'Deny', Principal: '*', Action: 'sts:TagSession' },
  {
    Effect: 'Allow',
    Principal: { AWS: `${ACCOUNT}:root` },
    Action: ['sts:AssumeRole'],
    Condition: { Bool: { 'aws:MultiFactorAuthPresent': true } },
  },
);

test('any merge lets the grants in, keeps what is foreign and other clusters, and is done once', () => {
  fc.assert(
    fc.property(fc.array(foreign, { maxLength: 3 }), grantLists, grantLists, (others, first, second) => {
      const wishesOf = (grants: readonly TrustGrant[]) => ({ grants, dropIssuers: [], prune: false });
      const before = { Version: '2012-10-17', Statement: others };
      const once = mergeTrustPolicy(before, wishesOf(first));
      const both = mergeTrustPolicy(once, wishesOf(second));
      assert.equal(mergeTrustPolicy(both, wishesOf(first)), both);
      const statements = asArray(asObject(both)?.['Statement']) ?? [];
      for (const statement of others) assert.ok(statements.includes(statement));
      for (const grant of [...first, ...second])
        assert.ok(isLetIn(both, grant), `${grant.issuer} ${grant.subject}`);
      const sids = statements
        .map((statement) => asText(asObject(statement)?.['Sid']))
        .filter((sid) => sid?.startsWith('Podrole'));
      assert.equal(new Set(sids).size, sids.length);
    }),
  );
});

test('a dropped issuer is out for the same subjects, and everything else stays in', () => {
  fc.assert(
    fc.property(grantLists, (grants) => {
      const all = mergeTrustPolicy(undefined, { grants, dropIssuers: [], prune: false });
      const gone = grants[0]?.issuer ?? '';
      const kept = grants.filter(({ issuer }) => issuer !== gone);
      const merged = mergeTrustPolicy(all, { grants: kept, dropIssuers: [gone], prune: false });
      if (kept.length === 0) return;
      const isDropped = ({ issuer, subject }: TrustGrant) =>
        issuer === gone && kept.some((other) => other.subject === subject);
      for (const grant of grants) {
        assert.equal(JSON.stringify(merged).includes(`"${grantSid(grant)}"`), !isDropped(grant));
      }
    }),
  );
});

/** By podrole's own evaluator, which the local STS uses. */
function isLetIn(policy: unknown, grant: TrustGrant): boolean {
  const statements = (asArray(asObject(policy)?.['Statement']) ?? []).filter(
    (statement) => !JSON.stringify(statement).includes('aws:'.concat('Multi')),
  );
  const key = grant.issuer.replace('https://', '');
  return evaluateTrustPolicy(parseTrustPolicy({ Statement: statements }), {
    action: 'sts:AssumeRoleWithWebIdentity',
    federatedPrincipal: grant.providerArn,
    context: { [`${key}:sub`]: grant.subject, [`${key}:aud`]: grant.audience },
  }).allowed;
}
