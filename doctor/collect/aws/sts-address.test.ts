import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRoleArn } from '../../../lib/arn.ts';
import { isOnlyWithinPod, stsAddress } from './sts-address.ts';

const CASES: readonly (readonly [
  name: string,
  changes: Partial<Parameters<typeof stsAddress>[0]>,
  region: string,
  endpoint: string,
  isNamedByPod?: boolean,
])[] = [
  ['nothing says where', {}, 'us-east-1', 'https://sts.us-east-1.amazonaws.com/'],
  [
    'region of this process',
    { env: { AWS_REGION: 'eu-west-1' } },
    'eu-west-1',
    'https://sts.eu-west-1.amazonaws.com/',
  ],
  [
    'the region of the pod comes first',
    { podEnv: { AWS_REGION: 'eu-central-1' }, env: { AWS_REGION: 'eu-west-1' } },
    'eu-central-1',
    'https://sts.eu-central-1.amazonaws.com/',
  ],
  [
    'the older variable',
    { podEnv: { AWS_DEFAULT_REGION: 'cn-north-1' } },
    'cn-north-1',
    'https://sts.cn-north-1.amazonaws.com.cn/',
  ],
  [
    'endpoint of the pod',
    {
      podEnv: { AWS_ENDPOINT_URL_STS: 'https://sts.example.com' },
      env: { AWS_ENDPOINT_URL_STS: 'https://mine' },
    },
    'us-east-1',
    'https://sts.example.com/',
    true,
  ],
  [
    'endpoint of this process, if the pod has none',
    { podEnv: { AWS_REGION: 'eu-central-1' }, env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:9000' } },
    'eu-central-1',
    'http://127.0.0.1:9000/',
  ],
  [
    'the flag comes first',
    {
      podEnv: { AWS_ENDPOINT_URL_STS: 'https://sts.example.com' },
      stsEndpointUrl: 'https://flag.example.com',
    },
    'us-east-1',
    'https://flag.example.com/',
  ],
  [
    'FIPS endpoint of the pod',
    {
      podEnv: { AWS_REGION: 'us-west-2', AWS_USE_FIPS_ENDPOINT: 'true' },
      env: { AWS_ENDPOINT_URL: 'https://mine' },
    },
    'us-west-2',
    'https://sts-fips.us-west-2.amazonaws.com/',
  ],
];

const role = parseRoleArn('arn:aws:iam::111122223333:role/web');
assert.ok(role);

for (const [name, changes, region, endpoint, isNamedByPod = false] of CASES) {
  test(name, () => {
    const found = stsAddress({ role, podEnv: {}, stsEndpointUrl: undefined, env: {}, ...changes });
    assert.deepEqual({ ...found, endpoint: found.endpoint.href }, { region, endpoint, isNamedByPod });
  });
}

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'own.example.com': ['127.0.0.1'],
  'metadata.example.com': ['203.0.113.1', '169.254.169.254'],
  'sts.example.com': ['203.0.113.1'],
};

async function resolve(host: string): Promise<readonly string[]> {
  return NAMES[host] ?? Promise.reject(new Error('ENOTFOUND'));
}

test('addresses that only a pod can mean', async () => {
  const isOwn = (host: string) =>
    isOnlyWithinPod(new URL(`http://${host}:80/`), resolve, AbortSignal.timeout(1_000));
  for (const host of [
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '[::]',
    'localhost',
    'sts.localhost',
    '[::1]',
    '169.254.169.254',
    '100.100.100.200',
    '[fd00:ec2::254]',
    '[::ffff:169.254.169.254]',
    '[::ffff:127.0.0.1]',
    '0x7f.1',
    '2852039166',
    'own.example.com',
    'metadata.example.com',
  ])
    assert.equal(await isOwn(host), true, host);
  for (const host of ['10.0.0.1', 'sts.svc', 'localhost.example.com', '[2001:db8::1]', 'sts.example.com'])
    assert.equal(await isOwn(host), false, host);
});
