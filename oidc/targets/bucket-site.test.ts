import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketSite } from './bucket-site.ts';

const accepted: readonly (readonly [string, string, string | undefined, string, string])[] = [
  ['s3://keys', 'https://oidc.example.com/one', undefined, '', ''],
  ['s3://keys/site/', 'https://oidc.example.com/one', undefined, 'site', ''],
  ['s3://keys', 'https://keys.s3.eu-west-1.amazonaws.com/one', undefined, '', ''],
  ['s3://keys', 'https://keys.s3.amazonaws.com', undefined, '', ''],
  ['s3://keys', 'https://keys.s3-us-west-2.amazonaws.com', undefined, '', ''],
  ['s3://keys', 'https://keys.s3.dualstack.eu-west-1.amazonaws.com', undefined, '', ''],
  ['s3://keys', 'https://keys.s3.cn-north-1.amazonaws.com.cn', undefined, '', ''],
  ['s3://keys', 'https://s3.eu-west-1.amazonaws.com/keys/one', undefined, '', '/keys'],
  ['s3://keys', 'https://rgw.example.com/keys', 'rgw.example.com', '', '/keys'],
  ['s3://keys', 'https://keys.rgw.example.com', 'rgw.example.com', '', ''],
  ['s3://keys/site', 'https://oidc.example.com', 'rgw.example.com', 'site', ''],
];
for (const [location, issuer, endpointHost, prefix, urlPrefix] of accepted) {
  test(`${location} for ${issuer}`, () => {
    assert.deepEqual(bucketSite(location, issuer, endpointHost), { bucket: 'keys', prefix, urlPrefix });
  });
}

const refused: readonly (readonly [string, string, RegExp])[] = [
  ['s3://', 'https://oidc.example.com', /is not s3:\/\/BUCKET/],
  ['s3:keys', 'https://oidc.example.com', /is not s3:\/\/BUCKET/],
  ['s3://keys/one', 'https://keys.s3.eu-west-1.amazonaws.com/one', /give --to s3:\/\/keys$/],
  ['s3://other', 'https://keys.s3.eu-west-1.amazonaws.com', /is not keys, the bucket/],
  ['s3://other', 'https://s3.eu-west-1.amazonaws.com/keys', /is not keys, the bucket/],
];
for (const [location, issuer, message] of refused) {
  test(`refuses ${location} for ${issuer}`, () => {
    assert.throws(() => bucketSite(location, issuer, undefined), { code: 'INVALID_SETTING', message });
  });
}
