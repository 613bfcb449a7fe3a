import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { asArray, asObject, asText } from '../../lib/json/json.ts';
import { parseTrustPolicy } from '../../sts/policy-document.ts';
import { evaluateTrustPolicy } from '../../sts/trust-policy.ts';
import { mergeTrustPolicy } from './merge-trust-policy.ts';
import type { TrustCondition, TrustEntry } from './trust-entry.ts';
import { entrySid } from './trust-statement.ts';

const ACCOUNT = 'arn:aws:iam::111122223333';

function entryOf(issuer: string, subject: string): TrustEntry {
  return {
    providerArn: `${ACCOUNT}:oidc-provider/${issuer}`,
    issuer: `https://${issuer}`,
    subject: `system:serviceaccount:${subject}`,
    isPattern: /[*?]/.test(subject),
    audience: 'sts.amazonaws.com',
  };
}

function conditionOf(given: unknown): TrustCondition {
  const { operator, key, values } = asObject(given) ?? {};
  return { operator: String(operator), key: String(key), values: (asArray(values) ?? []).map(String) };
}

/**
 * A case is one file: the policy as IAM holds it, what is wanted (trustEntries as
 * `ISSUER NAMESPACE:NAME [CONTAINER]`, all with the same conditions), and the policy afterwards. To rewrite
 * the latter, then look at the difference: UPDATE_GOLDEN=1 node --test bind/trust/merge-trust-policy.test.ts
 */
const files = globSync('testdata/*.json', { cwd: import.meta.dirname }).sort();

test('there are cases', () => assert.ok(files.length >= 10));

for (const file of files) {
  test(basename(file, '.json'), () => {
    const path = `${import.meta.dirname}/${file}`;
    const found = asObject(JSON.parse(readFileSync(path, 'utf8'))) ?? {};
    const texts = (name: string) => (asArray(found[name]) ?? []).map(String);
    const conditions = asArray(found['conditions'])?.map(conditionOf);
    const trustEntries = texts('trustEntries').map((text) => {
      const [issuer = '', subject = '', container] = text.split(' ');
      const entry = { ...entryOf(issuer, subject), conditions };
      const audience = `${entry.audience}/${container}`;
      return container === undefined ? entry : { ...entry, container, audience };
    });
    const options = {
      trustEntries,
      dropIssuers: texts('dropIssuers'),
      prune: found['prune'] === true,
      widen: found['widen'] === true,
    };
    const merged = mergeTrustPolicy(found['policy'], options);
    const expected = merged === found['policy'] ? 'unchanged' : merged;
    if (process.env['UPDATE_GOLDEN']) {
      writeFileSync(path, `${JSON.stringify({ ...found, expected }, null, 2)}\n`);
      return;
    }
    assert.deepEqual(expected, found['expected']);
    assert.equal(mergeTrustPolicy(merged, options), merged, 'a second run changes nothing');
  });
}

const issuers = fc.constantFrom('oidc.example.com/one', 'oidc.example.com/two', 'oidc.example.org');
const subjects = fc.constantFrom('shop:web', 'shop:api', 'ops:web', 'shop:*');
const entryLists = fc.uniqueArray(
  fc.tuple(issuers, subjects).map(([issuer, subject]) => entryOf(issuer, subject)),
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

test('any merge lets the trustEntries in, keeps what is foreign and other clusters, and is done once', () => {
  fc.assert(
    fc.property(fc.array(foreign, { maxLength: 3 }), entryLists, entryLists, (others, first, second) => {
      const optionsOf = (trustEntries: readonly TrustEntry[]) => ({
        trustEntries,
        dropIssuers: [],
        prune: false,
      });
      const before = { Version: '2012-10-17', Statement: others };
      const once = mergeTrustPolicy(before, optionsOf(first));
      const both = mergeTrustPolicy(once, optionsOf(second));
      assert.equal(mergeTrustPolicy(both, optionsOf(first)), both);
      const statements = asArray(asObject(both)?.['Statement']) ?? [];
      for (const statement of others) assert.ok(statements.includes(statement));
      for (const entry of [...first, ...second])
        assert.ok(isLetIn(both, entry), `${entry.issuer} ${entry.subject}`);
      const sids = statements
        .map((statement) => asText(asObject(statement)?.['Sid']))
        .filter((sid) => sid?.startsWith('Podrole'));
      assert.equal(new Set(sids).size, sids.length);
    }),
  );
});

test('a dropped issuer is out for the same subjects, and everything else stays in', () => {
  fc.assert(
    fc.property(entryLists, (trustEntries) => {
      const all = mergeTrustPolicy(undefined, { trustEntries, dropIssuers: [], prune: false });
      const gone = trustEntries[0]?.issuer ?? '';
      const kept = trustEntries.filter(({ issuer }) => issuer !== gone);
      const merged = mergeTrustPolicy(all, { trustEntries: kept, dropIssuers: [gone], prune: false });
      if (kept.length === 0) return;
      const isDropped = ({ issuer, subject }: TrustEntry) =>
        issuer === gone && kept.some((other) => other.subject === subject);
      for (const entry of trustEntries) {
        assert.equal(JSON.stringify(merged).includes(`"${entrySid(entry)}"`), !isDropped(entry));
      }
    }),
  );
});

/** By podrole's own evaluator, which the local STS uses. */
function isLetIn(policy: unknown, entry: TrustEntry): boolean {
  const statements = (asArray(asObject(policy)?.['Statement']) ?? []).filter(
    (statement) => !JSON.stringify(statement).includes('aws:'.concat('Multi')),
  );
  const key = entry.issuer.replace('https://', '');
  return (
    evaluateTrustPolicy(parseTrustPolicy({ Statement: statements }), {
      action: 'sts:AssumeRoleWithWebIdentity',
      federatedPrincipal: entry.providerArn,
      context: { [`${key}:sub`]: entry.subject, [`${key}:aud`]: entry.audience },
    }).outcome === 'yes'
  );
}
