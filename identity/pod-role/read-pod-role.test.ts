import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podRoleArn, readPodRole } from './read-pod-role.ts';

const BASE = 'arn:aws:iam::111122223333:role/';
const KEY = 'iam.amazonaws.com/role';
const NONE = { composeRoleArn: false, accountId: undefined, partition: '', awsDefaultRegion: '' };
const COMPOSED = { ...NONE, composeRoleArn: true, accountId: '444455556666' };

for (const [given, settings, expected] of [
  ['web', { ...NONE, baseRoleArn: BASE }, `${BASE}web`],
  ['/team/web', { ...NONE, baseRoleArn: BASE }, `${BASE}team/web`],
  ['/web', COMPOSED, 'arn:aws:iam::444455556666:role/web'],
  ['web', { ...COMPOSED, awsDefaultRegion: 'cn-north-1' }, 'arn:aws-cn:iam::444455556666:role/web'],
  ['web', { ...COMPOSED, baseRoleArn: BASE }, `${BASE}web`],
  [`${BASE}web`, NONE, `${BASE}web`],
  ['web', NONE, undefined],
  ['web', { ...COMPOSED, accountId: undefined }, undefined],
  ['ARN:aws:iam::111122223333:role/web', { ...NONE, baseRoleArn: BASE }, undefined],
  ['ARN:aws:iam::111122223333:role/web', COMPOSED, undefined],
  ['we b', { ...NONE, baseRoleArn: BASE }, undefined],
] as const) {
  test(`list, doctor and audit take ${given} for ${expected}, as the webhook does`, () => {
    assert.equal(podRoleArn(given, settings), expected);
    assert.equal(readPodRole({ [KEY]: given }, { ...settings, podRoleAnnotation: KEY })?.roleArn, expected);
  });
}
