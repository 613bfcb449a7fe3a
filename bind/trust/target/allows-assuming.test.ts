import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AllowsAssuming, allowsAssuming } from './allows-assuming.ts';

const TARGET = 'arn:aws:iam::444455556666:role/reports';
const BOTH = ['sts:AssumeRole', 'sts:TagSession'];
const allow = (part: object) => ({ Effect: 'Allow', Action: BOTH, Resource: TARGET, ...part });
const deny = (part: object) => ({ ...allow(part), Effect: 'Deny' });
const CONDITION = { Condition: { Bool: { 'aws:SecureTransport': 'true' } } };

const ROWS: readonly (readonly [name: string, statements: readonly object[], result: AllowsAssuming])[] = [
  ["podrole's own", [allow({})], 'yes'],
  ['no statement', [], 'no'],
  ['every action on every resource', [allow({ Action: '*', Resource: '*' })], 'yes'],
  ['actions in another case', [allow({ Action: ['STS:assumerole', 'sts:TAGsession'] })], 'yes'],
  ['a pattern of actions', [allow({ Action: 'sts:*' })], 'yes'],
  ['one action', [allow({ Action: 'sts:AssumeRole' })], 'no'],
  ['both actions in two statements', BOTH.map((Action) => allow({ Action })), 'yes'],
  ['another role', [allow({ Resource: `${TARGET}2` })], 'no'],
  ['a role in another case', [allow({ Resource: TARGET.toUpperCase() })], 'no'],
  ['a pattern of roles', [allow({ Resource: ['x', 'arn:aws:iam::*:role/rep?rts'] })], 'yes'],
  ['all but other actions', [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }], 'yes'],
  ['all but these actions', [{ Effect: 'Allow', NotAction: 'sts:*', Resource: '*' }], 'no'],
  ['all but this role', [{ Effect: 'Allow', Action: '*', NotResource: TARGET }], 'no'],
  ['a condition', [allow(CONDITION)], 'unclear'],
  ['a Deny', [allow({}), deny({})], 'denied'],
  ['a Deny of tags alone', [allow({}), deny({ Action: 'sts:TagSession' })], 'denied'],
  ['a Deny of another role', [allow({}), deny({ Resource: `${TARGET}2` })], 'yes'],
  ['a Deny under a condition', [allow({}), deny(CONDITION)], 'unclear'],
];
for (const [name, Statement, result] of ROWS) {
  test(`a policy with ${name}: ${result}`, () => {
    assert.equal(allowsAssuming([{ Statement }], TARGET, true), result);
  });
}

test('without session tags one action is enough', () => {
  const policy = { Statement: allow({ Action: 'sts:AssumeRole' }) };
  assert.equal(allowsAssuming([policy], TARGET, false), 'yes');
});

test('what is not a policy allows nothing', () => {
  for (const document of [undefined, null, 'x', 7, [], { Statement: [1, null] }])
    assert.equal(allowsAssuming([document], TARGET, true), 'no');
});
