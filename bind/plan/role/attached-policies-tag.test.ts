import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IAM_TAG_RULES } from '../../../lib/contract/iam.ts';
import { attachedPoliciesTag, isAttachedByPodrole } from './attached-policies-tag.ts';

const arns = Array.from(
  { length: 20 },
  (_, at) => `arn:aws:iam::111122223333:policy/${'long'.repeat(20)}/${at}`,
);

test('the most policies that a role can have fit into one tag, in whatever order', () => {
  const tag = attachedPoliciesTag(arns);
  assert.ok(tag.length <= IAM_TAG_RULES.maxValueLength);
  assert.match(tag, IAM_TAG_RULES.characters);
  assert.equal(attachedPoliciesTag([...arns].reverse()), tag);
  for (const arn of arns) assert.ok(isAttachedByPodrole(tag, arn));
});

test('others are not in it', () => {
  assert.ok(!isAttachedByPodrole(attachedPoliciesTag(arns.slice(1)), arns[0] ?? ''));
  assert.ok(!isAttachedByPodrole(undefined, arns[0] ?? ''));
  assert.equal(attachedPoliciesTag([]), '');
});
