import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSessionOf } from './session-of-role.ts';

const cases: readonly (readonly [session: string | undefined, role: string, same: boolean])[] = [
  ['arn:aws:sts::1:assumed-role/web/s', 'arn:aws:iam::1:role/web', true],
  ['arn:aws:sts::1:assumed-role/web/s', 'arn:aws:iam::1:role/team/a/web', true],
  ['arn:aws:sts::1:assumed-role/team/a/web/s', 'arn:aws:iam::1:role/team/a/web', true],
  ['arn:aws-cn:sts::1:assumed-role/web/s', 'arn:aws-cn:iam::1:role/web', true],
  ['arn:aws:sts::tenant:assumed-role/web/s', 'arn:aws:iam::tenant:role/web', true],
  ['arn:aws:sts:::assumed-role/web/s', 'arn:aws:iam:::role/web', true],
  ['arn:aws:sts::assumed-role/web/s', 'arn:aws:iam::role/web', true],
  ['arn:aws:sts::2:assumed-role/web/s', 'arn:aws:iam::1:role/web', false],
  ['arn:aws-cn:sts::1:assumed-role/web/s', 'arn:aws:iam::1:role/web', false],
  ['arn:aws:sts::1:assumed-role/webs/s', 'arn:aws:iam::1:role/web', false],
  ['arn:aws:sts::1:assumed-role/s/web', 'arn:aws:iam::1:role/web', false],
  ['arn:aws:iam::1:role/web', 'arn:aws:iam::1:role/web', false],
  ['arn:aws:sts::1:federated-user/web', 'arn:aws:iam::1:role/web', false],
  [undefined, 'arn:aws:iam::1:role/web', false],
  [undefined, 'web', false],
];
for (const [session, role, same] of cases)
  test(`${session} is ${same ? 'a' : 'no'} session of ${role}`, () =>
    assert.equal(isSessionOf(session, role), same));
