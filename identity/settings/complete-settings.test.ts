import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { PodroleError } from '../../lib/errors.ts';
import { drain, listen } from '../../lib/http/serve.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { completeIdentitySettings } from './complete-settings.ts';
import { identitySettings } from './identity-settings.ts';

const TOKEN = 'a-token';

/** An instance metadata service that takes IMDSv2 only, as hardened instances do. */
async function withMetadata(
  document: string,
  use: (endpoint: string, requests: string[]) => Promise<void>,
): Promise<void> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const { headers } = request;
    if (request.method === 'PUT' && headers['x-aws-ec2-metadata-token-ttl-seconds']) response.end(TOKEN);
    else if (headers['x-aws-ec2-metadata-token'] === TOKEN) response.end(document);
    else response.writeHead(401).end();
  });
  const port = await listen(server, 0, '127.0.0.1');
  try {
    await use(`http://127.0.0.1:${port}`, requests);
  } finally {
    await drain(server, 0);
  }
}

async function complete(given: Record<string, string>, endpoint: string) {
  const settings = readSettings(identitySettings, given, {});
  const { accountId, partition } = await completeIdentitySettings(
    settings,
    { AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint },
    fetch,
  );
  return { accountId, partition };
}

const DOCUMENT = JSON.stringify({ accountId: '444455556666', region: 'cn-north-1' });

test('sources of account and partition', async (t) => {
  const cases: [
    name: string,
    given: Record<string, string>,
    accountId: string | undefined,
    partition: string,
    asked: number,
  ][] = [
    ['not asked for', {}, undefined, '', 0],
    [
      'a tenant of Ceph',
      { composeRoleArn: 'true', accountId: 'tenant1', partition: 'aws' },
      'tenant1',
      'aws',
      0,
    ],
    ['no account', { composeRoleArn: 'true', accountId: 'none', partition: 'minio' }, '', 'minio', 0],
    [
      'an empty flag, as in the manifests of the AWS webhook',
      { composeRoleArn: 'true', accountId: '' },
      '444455556666',
      'aws-cn',
      2,
    ],
    [
      'flags',
      { composeRoleArn: 'true', accountId: '111122223333', partition: 'aws-iso' },
      '111122223333',
      'aws-iso',
      0,
    ],
    [
      'region',
      { composeRoleArn: 'true', accountId: '111122223333', awsRegion: 'us-gov-west-1' },
      '111122223333',
      'aws-us-gov',
      0,
    ],
    ['instance', { composeRoleArn: 'true' }, '444455556666', 'aws-cn', 2],
    ['account of the instance', { composeRoleArn: 'true', partition: 'aws' }, '444455556666', 'aws', 2],
    [
      'partition of the instance',
      { composeRoleArn: 'true', accountId: '111122223333' },
      '111122223333',
      'aws-cn',
      2,
    ],
  ];
  for (const [name, given, accountId, partition, asked] of cases) {
    await t.test(name, () =>
      withMetadata(DOCUMENT, async (endpoint, requests) => {
        assert.deepEqual(await complete(given, endpoint), { accountId, partition });
        assert.equal(requests.length, asked);
      }),
    );
  }
});

test('without a usable answer, the fault names the flags', async (t) => {
  const isFault = (thrown: unknown) =>
    thrown instanceof PodroleError &&
    thrown.code === 'NO_INSTANCE_IDENTITY' &&
    /--account-id/.test(thrown.message);
  for (const document of ['{}', 'not JSON', '{"accountId":"12","region":"x"}']) {
    await t.test(document, () =>
      withMetadata(document, (endpoint) =>
        assert.rejects(complete({ composeRoleArn: 'true' }, endpoint), isFault),
      ),
    );
  }
  const tooLong = `${DOCUMENT}${' '.repeat(64 * 1024)}`;
  await t.test('an answer that is too long', () =>
    withMetadata(tooLong, (endpoint) =>
      assert.rejects(
        complete({ composeRoleArn: 'true' }, endpoint),
        (thrown) => isFault(thrown) && /more than 65536 bytes/.test(String(thrown)),
      ),
    ),
  );
  await t.test('no server', async () => {
    let closed = '';
    await withMetadata('', async (endpoint) => {
      closed = endpoint;
    });
    await assert.rejects(complete({ composeRoleArn: 'true' }, closed), isFault);
  });
});
