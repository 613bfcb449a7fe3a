import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IAM_TAG } from '../../../lib/contract/podrole.ts';
import {
  actionsOf,
  desiredRoleOf,
  READ_ONLY,
  roleFactsOf,
  STATEMENT,
} from '../../../testing/bind/desired.ts';
import { attachedPoliciesTag } from './attached-policies-tag.ts';
import { type PolicyOptions, planAttachedPolicies, planInlinePolicies } from './plan-policies.ts';

const BILLING = 'arn:aws:iam::aws:policy/job-function/Billing';
const NONE: PolicyOptions = { prune: false, isShared: false };
const REMEMBER = 'remember in a tag which policies podrole attached';
const FORGET = 'forget in that tag what was detached';

type AttachedRow = readonly [
  name: string,
  wanted: readonly string[],
  attached: readonly string[],
  /** Those of the attached that the tag remembers. */
  ours: readonly string[],
  options: Partial<PolicyOptions>,
  actions: readonly string[],
];

const ATTACHED: readonly AttachedRow[] = [
  ['nothing', [], [], [], {}, []],
  ['the same', [READ_ONLY], [READ_ONLY], [READ_ONLY], {}, []],
  ['a missing one: the tag comes first', [READ_ONLY], [], [], {}, [REMEMBER, `attach ${READ_ONLY}`]],
  ['one that somebody else attached', [READ_ONLY], [READ_ONLY], [], {}, []],
  [
    'one that is no longer wanted: the tag comes last',
    [],
    [READ_ONLY],
    [READ_ONLY],
    {},
    [`detach ${READ_ONLY}, which podrole attached`, FORGET],
  ],
  ['one of somebody else is kept', [], [READ_ONLY], [], {}, []],
  [
    'one of somebody else is pruned, without a change of the tag',
    [],
    [READ_ONLY],
    [],
    { prune: true },
    [`detach ${READ_ONLY}, which podrole did not attach`],
  ],
  ['a shared role loses nothing', [], [READ_ONLY], [READ_ONLY], { isShared: true }, []],
  [
    'one for another',
    [BILLING],
    [READ_ONLY],
    [READ_ONLY],
    {},
    [REMEMBER, `attach ${BILLING}`, `detach ${READ_ONLY}, which podrole attached`, FORGET],
  ],
  [
    'one that was remembered before a run broke off',
    [READ_ONLY, BILLING],
    [READ_ONLY],
    [READ_ONLY, BILLING],
    {},
    [`attach ${BILLING}`],
  ],
];
for (const [name, wanted, attached, ours, options, actions] of ATTACHED) {
  test(`managed policies: ${name}`, () => {
    const tags = ours.length > 0 ? { [IAM_TAG.attachedPolicies]: attachedPoliciesTag(ours) } : {};
    const facts = roleFactsOf({ attachedPolicyArns: attached, tags });
    const steps = planAttachedPolicies(desiredRoleOf({ attachedPolicyArns: wanted }), facts, {
      ...NONE,
      ...options,
    });
    assert.deepEqual(actionsOf(steps), actions);
  });
}

const policy = (name: string, action = 's3:GetObject') => ({
  name,
  document: { Version: '2012-10-17', Statement: [{ ...STATEMENT, Action: action }] },
});
/** The same policy, as another tool writes it. */
const rewritten = {
  name: 'podrole-a',
  document: { Statement: { ...STATEMENT, Action: ['s3:GetObject'] }, Version: '2012-10-17' },
};
type InlineRow = readonly [
  name: string,
  wanted: readonly (typeof rewritten | ReturnType<typeof policy>)[],
  found: readonly (typeof rewritten | ReturnType<typeof policy>)[],
  options: Partial<PolicyOptions>,
  actions: readonly string[],
];

const INLINE: readonly InlineRow[] = [
  ['a missing one', [policy('podrole-a')], [], {}, ['put inline policy podrole-a']],
  ['the same', [policy('podrole-a')], [policy('podrole-a')], {}, []],
  ['the same in other words', [policy('podrole-a')], [rewritten], {}, []],
  [
    'another document',
    [policy('podrole-a')],
    [policy('podrole-a', 's3:*')],
    {},
    ['put inline policy podrole-a'],
  ],
  [
    'one that is no longer wanted',
    [],
    [policy('podrole-a')],
    {},
    ['delete inline policy podrole-a, which podrole added'],
  ],
  ['one of somebody else is kept', [], [policy('a')], {}, []],
  [
    'one of somebody else is pruned',
    [],
    [policy('a')],
    { prune: true },
    ['delete inline policy a, which podrole did not add'],
  ],
  ['a shared role loses nothing', [], [policy('podrole-a')], { isShared: true }, []],
];
for (const [name, inlinePolicies, found, options, actions] of INLINE) {
  test(`inline policies: ${name}`, () => {
    const facts = roleFactsOf({ inlinePolicies: found });
    const steps = planInlinePolicies(desiredRoleOf({ inlinePolicies }), facts, { ...NONE, ...options });
    assert.deepEqual(actionsOf(steps), actions);
  });
}
