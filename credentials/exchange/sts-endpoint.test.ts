import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STSClient } from '@aws-sdk/client-sts';
import { stsEndpoint } from './sts-endpoint.ts';

const REGIONS = [
  'us-east-1',
  'eu-central-1',
  'cn-north-1',
  'us-gov-west-1',
  'us-iso-east-1',
  'us-isob-east-1',
  'eusc-de-east-1',
];
const FIPS = 'AWS_USE_FIPS_ENDPOINT';
const DUAL_STACK = 'AWS_USE_DUALSTACK_ENDPOINT';

/** Host that the AWS SDK asks, by its own endpoint rules. */
async function hostOfSdk(region: string, useFipsEndpoint: boolean, useDualstackEndpoint: boolean) {
  const client = new STSClient({ region, useFipsEndpoint, useDualstackEndpoint });
  const { endpointProvider } = client.config;
  const params = { Region: region, UseFIPS: useFipsEndpoint, UseDualStack: useDualstackEndpoint };
  client.destroy();
  return endpointProvider({ ...params, UseGlobalEndpoint: false }).url.hostname;
}

for (const region of REGIONS) {
  for (const [fips, dualStack] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const) {
    test(`STS of ${region}, FIPS ${fips}, dual stack ${dualStack}: as the AWS SDK`, async () => {
      const env = { [FIPS]: String(fips), [DUAL_STACK]: String(dualStack) };
      assert.equal(stsEndpoint(region, env).hostname, await hostOfSdk(region, fips, dualStack));
    });
  }
}

test('the words of the two variables', () => {
  assert.equal(stsEndpoint('us-east-1', { [FIPS]: 'True' }).hostname, 'sts-fips.us-east-1.amazonaws.com');
  assert.equal(stsEndpoint('us-east-1', { [FIPS]: '' }).hostname, 'sts.us-east-1.amazonaws.com');
  for (const word of ['yes', '1', 'true ']) {
    assert.throws(() => stsEndpoint('us-east-1', { [FIPS]: word, [DUAL_STACK]: word }), {
      code: 'INVALID_SETTING',
      message: /^AWS_USE_FIPS_ENDPOINT: is .*, must be true or false.*\nAWS_USE_DUALSTACK_ENDPOINT: is /,
    });
  }
});

test('an endpoint of its own has no other kind', () => {
  const env = { AWS_ENDPOINT_URL_STS: 'http://rgw:8000', [FIPS]: 'true', [DUAL_STACK]: 'true' };
  assert.throws(() => stsEndpoint('default', env), {
    message:
      /^AWS_USE_FIPS_ENDPOINT: is true, but AWS_ENDPOINT_URL_STS .*\nAWS_USE_DUALSTACK_ENDPOINT: is true/,
  });
  assert.equal(stsEndpoint('default', { ...env, [FIPS]: 'false', [DUAL_STACK]: '' }).host, 'rgw:8000');
});
