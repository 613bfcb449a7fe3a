import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../lib/settings/settings.ts';
import { assertFaults } from '../testing/faults.ts';
import { sidecarSettings } from './settings.ts';

function roleOf(arn: string) {
  const env = { AWS_ROLE_ARN: arn, AWS_WEB_IDENTITY_TOKEN_FILE: '/token', AWS_REGION: 'eu-central-1' };
  return readSettings(sidecarSettings, {}, env).roleArn;
}

for (const arn of [
  'arn:aws:iam::111122223333:role/team/web',
  'arn:minio:iam:::role/nOybJqMNzNmroqEKq5D0EUsRZw0',
  'arn:minio:iam:us-east-1::role/nOybJqMNzNmroqEKq5D0EUsRZw0',
  'arn:aws:iam:::role/plain-web',
  'arn:aws:iam::tenant1:role/app',
  'arn:aws:iam::RGW11111111111111111:role/app',
  'arn:aws:iam::1111:role/app',
  'arn:aws:iam::role/app',
]) {
  test(`the sidecar sends ${arn} to STS as it is`, () => assert.equal(roleOf(arn).arn, arn));
}

for (const arn of ['web', 'arn:aws:iam:::role/web ', 'arn:aws:iam::tenant1:policy/web', 'arn:aws:s3:::web']) {
  test(`not a role: ${arn}`, () => {
    assertFaults(() => roleOf(arn), [/^AWS_ROLE_ARN: is .*, must be a role ARN such as /]);
  });
}
