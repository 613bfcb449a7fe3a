import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../lib/settings/settings.ts';
import { judgesRoles, policySettings } from './settings.ts';

const read = (given: Readonly<Record<string, string>>) => readSettings(policySettings, given, {});

for (const [baseRoleArn, isValid] of [
  ['arn:aws:iam::111122223333:role/', true],
  ['arn:aws:iam::111122223333:role/team/', true],
  ['arn:aws:iam::111122223333:role/team/web/', true],
  ['arn:aws-cn:iam::111122223333:role/', true],
  ['arn:aws-us-gov:iam::111122223333:role/', true],
  // Ceph radosgw and MinIO
  ['arn:aws:iam:::role/', true],
  ['arn:aws:iam::tenant1:role/', true],
  ['arn:minio:iam:us-east-1::role/', true],
  // A name would become a part of the last step: role/teamweb.
  ['arn:aws:iam::111122223333:role/team', false],
  ['arn:aws:iam::111122223333:role', false],
  ['arn:aws:iam::111122223333:role-part/', false],
  ['arn:aws:iam::111122223333:user/', false],
  ['arn:aws:s3:::bucket/', false],
  ['arn:aws:iam:us-east-1:111122223333:role/', false],
  ['arn:aws:iam::111122223333:role/arn:aws:iam::444455556666:role/', false],
  ['111122223333', false],
  ['role/', false],
  [' arn:aws:iam::111122223333:role/', false],
] as const) {
  test(`--base-role-arn ${baseRoleArn} is ${isValid ? 'taken' : 'refused'}`, () => {
    if (isValid) assert.equal(read({ baseRoleArn }).baseRoleArn, baseRoleArn);
    else assert.throws(() => read({ baseRoleArn }), /--base-role-arn.* beginning of a role ARN/);
  });
}

for (const [podRoleAnnotation, isValid] of [
  ['iam.amazonaws.com/role', true],
  ['example.com/aws_role.v1', true],
  ['role', true],
  ['iam.amazonaws.com/', false],
  ['/role', false],
  ['a/b/c', false],
  ['iam.amazonaws.com/role=web', false],
  ['-role', false],
  ['iam.amazonaws.com/role ', false],
] as const) {
  test(`--pod-role-annotation "${podRoleAnnotation}" is ${isValid ? 'taken' : 'refused'}`, () => {
    if (isValid) assert.equal(read({ podRoleAnnotation }).podRoleAnnotation, podRoleAnnotation);
    else assert.throws(() => read({ podRoleAnnotation }), /must be the key of an annotation/);
  });
}

test('roles are judged if a setting asks for it', () => {
  assert.equal(judgesRoles(read({})), false);
  assert.equal(judgesRoles(read({ podRoleAnnotation: 'iam.amazonaws.com/role' })), true);
  assert.equal(judgesRoles(read({ rolePolicyFile: 'policy.yaml' })), true);
  assert.equal(judgesRoles(read({ policy: 'enforce' })), true);
  assert.equal(judgesRoles(read({ policy: 'audit' })), true);
});
