import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signingRegion } from './signing-region.ts';

for (const [url, region] of [
  ['https://sts.eu-west-1.amazonaws.com/', 'eu-west-1'],
  ['https://sts-fips.us-gov-west-1.api.aws/', 'us-gov-west-1'],
  ['https://sts.cn-north-1.amazonaws.com.cn/', 'cn-north-1'],
  ['https://vpce-0a1-2b.sts.ap-southeast-2.vpce.amazonaws.com/', 'ap-southeast-2'],
  ['https://sts.amazonaws.com/', 'us-east-1'],
  ['http://rgw.storage.svc:8000/', 'eu-central-1'],
  ['http://127.0.0.1:8080/', 'eu-central-1'],
  ['https://sts.example.com/', 'eu-central-1'],
  ['https://test.eu-west-1.amazonaws.com/', 'eu-central-1'],
] as const)
  test(`a request to ${url} is signed for ${region}`, () =>
    assert.equal(signingRegion(new URL(url), 'eu-central-1'), region));
