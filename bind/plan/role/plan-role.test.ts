import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IAM_ROLE } from '../../../lib/contract/iam.ts';
import { IAM_TAG } from '../../../lib/contract/podrole.ts';
import {
  desiredBindingOf,
  desiredRoleOf,
  outlineOf,
  READ_ONLY,
  ROLE_ARN,
  roleFactsOf,
} from '../../../testing/bind/desired.ts';
import type { DesiredRole } from '../../desired/desired.ts';
import type { RoleFacts } from '../../iam/iam-facts.ts';
import { planRole, type RoleOptions } from './plan-role.ts';

const OPTIONS: RoleOptions = {
  isNamed: false,
  dropIssuers: [],
  prune: false,
  trustPolicyLimit: IAM_ROLE.maxTrustPolicyLength,
};

function outline(
  role: Partial<DesiredRole>,
  facts: RoleFacts | undefined,
  options: Partial<RoleOptions> = {},
) {
  const desired = desiredRoleOf(role);
  return outlineOf(planRole(desiredBindingOf(desired), desired, facts, { ...OPTIONS, ...options }));
}

test('a new role: created with its tags and trust policy, then its policies', () => {
  const desired = desiredRoleOf({ attachedPolicyArns: [READ_ONLY], maxSessionDurationSeconds: 7_200 });
  const { steps } = planRole(desiredBindingOf(desired), desired, undefined, OPTIONS);
  const [create, attach, ...more] = steps;
  assert.deepEqual([attach?.action, more], [`attach ${READ_ONLY}`, []]);
  const call = create?.call;
  assert.ok(call?.service === 'iam' && call.operation === 'CreateRole');
  assert.equal(call.input.MaxSessionDuration, 7_200);
  assert.equal('PermissionsBoundary' in call.input, false);
  const keys = call.input.Tags?.map(({ Key }) => Key) ?? [];
  assert.deepEqual(keys.toSorted(), Object.values(IAM_TAG).toSorted());
});

test('a new role whose trust policy is too long', () => {
  assert.deepEqual(outline({}, undefined, { trustPolicyLimit: 100 }).slice(1), [
    'fault TRUST_POLICY_TOO_LONG',
  ]);
});

type Row = readonly [
  name: string,
  role: Partial<DesiredRole>,
  facts: Partial<RoleFacts>,
  options: Partial<RoleOptions>,
  outline: readonly string[],
];

const OF_OTHER = { ...roleFactsOf().tags, [IAM_TAG.serviceAccount]: 'shop/api' };
const BOUNDARY = 'arn:aws:iam::111122223333:policy/bounds';
const EXISTING: readonly Row[] = [
  ['the same', {}, {}, {}, []],
  [
    'a longer session',
    { maxSessionDurationSeconds: 7_200 },
    {},
    {},
    ['change the longest session from 3600 s to 7200 s'],
  ],
  ['a session that is not asked for', {}, { maxSessionDurationSeconds: 7_200 }, {}, []],
  [
    'a boundary',
    { permissionsBoundary: BOUNDARY },
    {},
    {},
    [`change the permissions boundary from none to ${BOUNDARY}`],
  ],
  ['a boundary that is not asked for', {}, { permissionsBoundary: BOUNDARY }, {}, []],
  ['a tag', { tags: { ...roleFactsOf().tags, team: 'shop' } }, {}, {}, ['set tags']],
  ['another path', {}, { arn: ROLE_ARN.replace('/', '/a/'), path: '/a/' }, {}, ['fault ROLE_NAME_TAKEN']],
  ['a role without tags', {}, { tags: {} }, {}, ['fault ROLE_NAME_TAKEN']],
  ['a role of another ServiceAccount', {}, { tags: OF_OTHER }, {}, ['fault ROLE_NAME_TAKEN']],
  ['a named role without tags is adopted', {}, { tags: {} }, { isNamed: true }, ['set tags']],
  [
    'a named role of another ServiceAccount is shared',
    {},
    { tags: OF_OTHER, inlinePolicies: [{ name: 'podrole-a', document: {} }] },
    { isNamed: true },
    ['note: role shop-web is shared with shop/api: nothing is removed from it'],
  ],
  [
    'a server without managed policies',
    { attachedPolicyArns: [READ_ONLY] },
    { attachedPolicyArns: undefined },
    {},
    ['fault IAM_UNSUPPORTED'],
  ],
  ['such a server, if none are wanted', {}, { attachedPolicyArns: undefined }, {}, []],
];
for (const [name, role, facts, options, expected] of EXISTING) {
  test(`an existing role: ${name}`, () => {
    assert.deepEqual(outline(role, roleFactsOf(facts), options), expected);
  });
}

test('an adopted role never gets the tag that says that podrole created it', () => {
  const desired = desiredRoleOf();
  const facts = roleFactsOf({ tags: {} });
  const [step] = planRole(desiredBindingOf(desired), desired, facts, { ...OPTIONS, isNamed: true }).steps;
  assert.deepEqual(Object.keys(step?.document?.after ?? {}), [IAM_TAG.serviceAccount, IAM_TAG.issuer]);
});
