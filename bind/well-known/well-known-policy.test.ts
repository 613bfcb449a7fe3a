import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { IAM_ROLE } from '../../lib/contract/iam.ts';
import { codeOf } from '../../lib/errors.ts';
import { wellKnownPolicy, wellKnownPolicyNames } from './well-known-policy.ts';

/**
 * To rewrite the golden files, then look at the difference: UPDATE_GOLDEN=1 node --test
 * bind/well-known/well-known-policy.test.ts
 */
for (const partition of ['aws', 'aws-cn', 'aws-us-gov']) {
  for (const name of wellKnownPolicyNames) {
    test(`${name} in ${partition}`, () => {
      const folder = `${import.meta.dirname}/testdata/${partition}`;
      const policy = wellKnownPolicy(name, partition);
      const text = `${JSON.stringify(policy, null, 2)}\n`;
      if (process.env['UPDATE_GOLDEN']) {
        mkdirSync(folder, { recursive: true });
        writeFileSync(`${folder}/${name}.json`, text);
      }
      assert.equal(text, readFileSync(`${folder}/${name}.json`, 'utf8'));
      for (const [, found] of text.matchAll(/"arn:([^:]+):/g)) assert.equal(found, partition);
      assert.match(policy.description, /^[\x20-\x7e]+$/);
      assert.ok(policy.managedPolicyArns.length + policy.inlinePolicies.length > 0);
    });
  }
}

test('the inline policies of all together fit into one role', () => {
  const documents = wellKnownPolicyNames.flatMap(
    (name) => wellKnownPolicy(name, 'aws-us-gov').inlinePolicies,
  );
  const length = documents.reduce((sum, { document }) => sum + JSON.stringify(document).length, 0);
  assert.ok(length <= IAM_ROLE.maxInlinePoliciesLength, `${length} characters`);
});

test('an unknown name is answered with the known ones', () => {
  assert.throws(
    () => wellKnownPolicy('vpc_cni', 'aws'),
    (thrown: unknown) =>
      codeOf(thrown) === 'UNKNOWN_POLICY' && /vpc-cni, vpc-cni-ipv6, .*image-builder/.test(String(thrown)),
  );
});

test('docs/bindings-file.md has a row for each', () => {
  const page = readFileSync(`${import.meta.dirname}/../../docs/bindings-file.md`, 'utf8');
  for (const name of wellKnownPolicyNames) {
    const { serviceAccount: account, description } = wellKnownPolicy(name, 'aws');
    const usual = account ? `\`${account.namespace}/${account.name}\`` : '';
    const row = `| \`${name}\` | ${usual} | ${description} |`;
    assert.ok(page.includes(row), row);
  }
});
