import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CREATED_SERVICE_ACCOUNT_ANNOTATION, IAM_TAG } from '../../lib/contract/podrole.ts';
import type { JsonObject } from '../../lib/json/json.ts';
import { entryOf, outlineOf, READ_ONLY, ROLE_ARN, roleFactsOf } from '../../testing/bind/desired.ts';
import type { RoleFacts } from '../iam/iam-facts.ts';
import { entryStatement, trustPolicyOf } from '../trust/trust-statement.ts';
import { attachedPoliciesTag } from './attached-policies-tag.ts';
import { planTrustRemoval } from './plan-trust-removal.ts';
import { planRoleRemoval, planServiceAccountRemoval } from './plan-unbind.ts';
import { roleOwnership } from './role-ownership.ts';

const ROLE_KEY = 'eks.amazonaws.com/role-arn';
const CREATED = { [CREATED_SERVICE_ACCOUNT_ANNOTATION]: 'true' };
const PATH = '/api/v1/namespaces/shop/serviceaccounts/web';

function callOf(metadata: JsonObject) {
  const [step, ...more] = planServiceAccountRemoval({
    namespace: 'shop',
    name: 'web',
    object: { metadata: { resourceVersion: '7', ...metadata } },
    annotations: [ROLE_KEY, 'eks.amazonaws.com/audience'],
  });
  assert.deepEqual(more, []);
  return step?.call.service === 'cluster' ? step.call.change : undefined;
}

const ACCOUNTS: readonly (readonly [name: string, metadata: JsonObject, change: object | undefined])[] = [
  [
    'that podrole created is deleted at the version that was read',
    { annotations: { ...CREATED, [ROLE_KEY]: ROLE_ARN } },
    { method: 'DELETE', path: PATH, body: { preconditions: { resourceVersion: '7' } } },
  ],
  [
    'that a tool has labelled since stays',
    {
      annotations: { ...CREATED, [ROLE_KEY]: ROLE_ARN },
      labels: { 'app.kubernetes.io/managed-by': 'Helm' },
    },
    {
      method: 'PATCH',
      path: PATH,
      body: {
        metadata: {
          resourceVersion: '7',
          annotations: { [ROLE_KEY]: null, [CREATED_SERVICE_ACCOUNT_ANNOTATION]: null },
        },
      },
    },
  ],
  [
    'of somebody else loses only the annotations of the identity',
    { annotations: { [ROLE_KEY]: ROLE_ARN, team: 'shop' } },
    {
      method: 'PATCH',
      path: PATH,
      body: { metadata: { resourceVersion: '7', annotations: { [ROLE_KEY]: null } } },
    },
  ],
  ['without a role is not touched', { annotations: { team: 'shop' } }, undefined],
];
for (const [name, metadata, change] of ACCOUNTS) {
  test(`a ServiceAccount ${name}`, () => assert.deepEqual(callOf(metadata), change));
}

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
