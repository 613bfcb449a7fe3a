import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IAM_TAG } from '../../lib/contract/podrole.ts';
import { entryOf, outlineOf, READ_ONLY, roleFactsOf } from '../../testing/bind/desired.ts';
import type { RoleFacts } from '../iam/iam-facts.ts';
import { entryStatement, trustPolicyOf } from '../trust/trust-statement.ts';
import { planTrustRemoval } from './plan-trust-removal.ts';
import { planRoleRemoval } from './plan-unbind.ts';
import { attachedPoliciesTag } from './role/attached-policies-tag.ts';
import { roleOwnership } from './role/role-ownership.ts';

const OTHER = entryOf({ subject: 'system:serviceaccount:shop:api' });
const ATTACHED = {
  attachedPolicyArns: [READ_ONLY],
  tags: { ...roleFactsOf().tags, [IAM_TAG.attachedPolicies]: attachedPoliciesTag([READ_ONLY]) },
};
const CHANGE = /^change the trust policy to \d+ characters$/;
const KEPT = /^note: role shop-web trusts nobody else, and IAM refuses .*: the role is left unchanged/;

type Row = readonly [
  name: string,
  facts: Partial<RoleFacts>,
  outline: readonly RegExp[],
  pruned?: readonly RegExp[],
];
const ROLES: readonly Row[] = [
  ['that podrole created', {}, [/^delete arn:.*role\/shop-web$/]],
  [
    'with policies of podrole',
    ATTACHED,
    [/^detach arn:.*ReadOnlyAccess, which podrole attached$/, /^delete arn:/],
  ],
  [
    'with a policy of somebody else',
    { attachedPolicyArns: [READ_ONLY] },
    [/^fault ROLE_IN_USE$/],
    [/^detach .*, which podrole did not attach$/, /^delete arn:/],
  ],
  [
    'with an inline policy of somebody else',
    { inlinePolicies: [{ name: 'a', document: {} }] },
    [/^fault ROLE_IN_USE$/],
    [/^delete inline policy a, which podrole did not add$/, /^delete arn:/],
  ],
  [
    'that others are trusted by too',
    { ...ATTACHED, trustPolicy: trustPolicyOf([entryOf(), OTHER]) },
    [CHANGE, /^note: role shop-web is kept with its policies: other ServiceAccounts/],
  ],
  [
    'that a statement of somebody else is in too',
    {
      ...ATTACHED,
      trustPolicy: { Statement: [entryStatement(entryOf()), { ...entryStatement(OTHER), Sid: 'Other' }] },
    },
    [CHANGE, /^detach arn:/, /^remove podrole's tags$/],
  ],
  [
    'of another ServiceAccount',
    {
      tags: { ...ATTACHED.tags, [IAM_TAG.serviceAccount]: 'shop/api' },
      attachedPolicyArns: [READ_ONLY],
      trustPolicy: trustPolicyOf([entryOf(), OTHER]),
    },
    [CHANGE],
  ],
  ['that podrole did not create', { tags: {} }, [KEPT]],
  ['that does not trust it', { tags: {}, trustPolicy: trustPolicyOf([OTHER]) }, []],
];
for (const [name, part, outline, pruned = outline] of ROLES) {
  for (const [prune, expected] of [
    [false, outline],
    [true, pruned],
  ] as const) {
    test(`a role ${name}${prune ? ', with --prune' : ''}`, () => {
      const facts = roleFactsOf(part);
      const ownership = roleOwnership(facts, {
        owner: 'shop/web',
        issuers: [entryOf().issuer],
        trustEntries: [],
      });
      const account = { issuer: entryOf().issuer, namespace: 'shop', name: 'web', isOwn: ownership.isOwn };
      const trust = planTrustRemoval(facts, account);
      const lines = outlineOf(planRoleRemoval(facts, { ownership, trust, prune }));
      assert.equal(lines.length, expected.length, lines.join('\n'));
      for (const [at, pattern] of expected.entries()) assert.match(lines[at] ?? '', pattern);
    });
  }
}
