import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AskedWorkload, workload } from '../testing/sidecar/workload.ts';

/**
 * The curl recipes of the documentation, step by step. What they ask for and a pod does not have is 404.
 * - EC2 User Guide, "Use the Instance Metadata Service" (examples for IMDSv2 and IMDSv1), "Retrieve security
 *   credentials from instance metadata", "Retrieve the instance identity document"
 * - ECS Developer Guide, "Task IAM role"; AWS SDKs and Tools Reference Guide, "Container credential provider"
 */
const CURL = { host: '169.254.169.254', 'user-agent': 'curl/8.5.0', accept: '*/*' };

const IMDS_RECIPES: readonly [path: string, answer: RegExp | 404][] = [
  ['/', /^1\.0\n2007-01-19\n(?:.*\n)*2024-04-11\nlatest$/],
  ['/latest', /^dynamic\nmeta-data$/],
  ['/latest/meta-data/', /^iam\/\ninstance-id\nplacement\/$/],
  ['/latest/meta-data/ami-id', 404],
  ['/latest/meta-data/reservation-id', 404],
  ['/latest/meta-data/local-hostname', 404],
  ['/latest/meta-data/public-hostname', 404],
  ['/latest/meta-data/public-keys/', 404],
  ['/latest/meta-data/public-keys/0/openssh-key', 404],
  ['/latest/meta-data/network/interfaces/macs/02:29:96:8f:6a:2d/subnet-id', 404],
  ['/latest/meta-data/tags/instance', 404],
  ['/latest/user-data', 404],
  ['/latest/meta-data/instance-id', /^i-[0-9a-f]{17}$/],
  ['/latest/meta-data/placement/availability-zone', /^eu-central-1a$/],
  ['/latest/meta-data/placement/availability-zone-id', /^euc1-az2$/],
  ['/latest/meta-data/placement/region', /^eu-central-1$/],
  ['/latest/meta-data/iam/info', /"InstanceProfileArn" : "arn:aws:iam::123456789012:instance-profile\//],
  ['/latest/meta-data/iam/security-credentials/', /^web$/],
  ['/latest/meta-data/iam/security-credentials/web', /"Code" : "Success",\n(?:.*\n)* {2}"Token" : "/],
  ['/latest/dynamic/instance-identity/document', /"region" : "eu-central-1"/],
  ['/latest/dynamic/instance-identity/signature', 404],
];

async function follow(asked: AskedWorkload, headers: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, expected] of IMDS_RECIPES) {
    const { status, body } = await asked.ask('GET', path, { ...CURL, ...headers });
    assert.equal(status, expected === 404 ? 404 : 200, path);
    if (expected !== 404) assert.match(body, expected, path);
  }
}

describe('EC2 User Guide', () => {
  test('IMDSv2: TOKEN=`curl -X PUT …` && curl -H "X-aws-ec2-metadata-token: $TOKEN" …', async () => {
    const asked = workload({ imdsv2: 'required' });
    const ttl = { 'x-aws-ec2-metadata-token-ttl-seconds': '21600' };
    const { status, body: token } = await asked.ask('PUT', '/latest/api/token', { ...CURL, ...ttl });
    assert.equal(status, 200);
    await follow(asked, { 'x-aws-ec2-metadata-token': token });
  });

  test('IMDSv1: curl …', () => follow(workload(), {}));

  test('"-w %{http_code}" of the check whether IMDSv1 is off', async () => {
    const status = async (asked: AskedWorkload) => (await asked.ask('GET', '/latest/meta-data', CURL)).status;
    assert.equal(await status(workload({ imdsv2: 'required' })), 401);
    assert.equal(await status(workload()), 200);
  });

  test('a script that cuts the key from its line', async () => {
    const { body } = await workload().ask('GET', '/latest/meta-data/iam/security-credentials/web', CURL);
    const line = body.split('\n').find((candidate) => candidate.includes('"AccessKeyId"'));
    assert.equal(line?.split('"')[3], 'ASIAEXAMPLE');
    assert.equal(line?.split(' : ')[1], '"ASIAEXAMPLE",');
  });
});

describe('ECS Developer Guide, and SDKs reference', () => {
  test('curl 169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', async () => {
    const { status, body } = await workload().ask('GET', '/v1/credentials', {
      ...CURL,
      host: '169.254.170.2',
    });
    assert.equal(status, 200);
    const names = Object.keys(JSON.parse(body)).sort();
    assert.deepEqual(names, [
      'AccessKeyId',
      'AccountId',
      'Expiration',
      'RoleArn',
      'SecretAccessKey',
      'Token',
    ]);
  });

  test('curl -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" $AWS_CONTAINER_CREDENTIALS_FULL_URI', async () => {
    const asked = workload({ access: { authorization: () => ['Basic abcd'], isOpen: true } });
    const headers = { ...CURL, host: '127.0.0.1:9911' };
    const authorized = { ...headers, authorization: 'Basic abcd' };
    assert.equal((await asked.ask('GET', '/v1/credentials', headers)).status, 403);
    assert.equal((await asked.ask('GET', '/v1/credentials', authorized)).status, 200);
  });
});
