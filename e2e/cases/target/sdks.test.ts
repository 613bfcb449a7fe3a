import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ROLE, startLocalSts } from '../../../testing/aws/local-sts.ts';
import { useIssuer } from '../../../testing/oidc/issuer.ts';
import { startPodrole } from '../../../testing/processes/server-process.ts';
import { runCommand } from '../../cluster/run-command.ts';

/**
 * Unmodified SDKs with the shipped sidecar and a target role in another account: whoever they ask, STS knows
 * their session as one of the target role.
 */
const TARGET = 'arn:aws:iam::444455556666:role/shared/reader';
const JAVASCRIPT = fileURLToPath(new URL('../../images/sdk/client.mjs', import.meta.url));
const PYTHON = `${process.env['PODROLE_E2E_MOTO']}/bin/python`;
const BOTO3 = "import boto3, json; print(json.dumps(boto3.client('sts').get_caller_identity()))";
const Action = ['sts:AssumeRole', 'sts:TagSession'];

const issuer = await useIssuer();
const sts = await startLocalSts(
  issuer,
  [
    {
      arn: TARGET,
      trustPolicy: {
        Statement: {
          Effect: 'Allow',
          Principal: { AWS: ROLE },
          Action,
          Condition: {
            StringEquals: {
              'sts:ExternalId': 'eu-west-1/111122223333/prod/shop/web',
              'aws:RequestTag/kubernetes-namespace': 'shop',
            },
          },
        },
      },
    },
  ],
  { policy: { Statement: { Effect: 'Allow', Action, Resource: TARGET } } },
);
const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-target-'));
const tokenFile = path.join(folder, 'token');
await writeFile(tokenFile, await issuer.sign());
const sidecar = await startPodrole(['sidecar', '--port', '0', '--metrics-port', '0'], {
  from: 'bundle',
  env: {
    AWS_ROLE_ARN: ROLE,
    AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL_STS: sts.url,
    PODROLE_TARGET_ROLE_ARN: TARGET,
    PODROLE_CLUSTER_NAME: 'prod',
    PODROLE_NAMESPACE: 'shop',
    PODROLE_SERVICE_ACCOUNT: 'web',
    PODROLE_POD_NAME: 'web-1',
    PODROLE_POD_UID: '0b3c1c5e-5a55-4c58-a9f1-000000000001',
  },
});
after(async () => {
  await sidecar.stop();
  await sts.close();
  await rm(folder, { recursive: true });
});

const url = `http://127.0.0.1:${sidecar.listening['port']}`;
const CLIENTS = [
  ['JavaScript v3', process.execPath, [JAVASCRIPT]],
  ['boto3', PYTHON, ['-c', BOTO3]],
] as const;
const WAYS = [
  ['container credentials', { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/v1/credentials` }],
  ['instance metadata', { AWS_EC2_METADATA_SERVICE_ENDPOINT: url }],
] as const;

for (const [name, program, args] of CLIENTS) {
  for (const [way, variables] of WAYS) {
    test(`${name} is the target role by ${way}`, async () => {
      const env = {
        PATH: process.env['PATH'] ?? '',
        HOME: folder,
        AWS_REGION: 'eu-west-1',
        AWS_DEFAULT_REGION: 'eu-west-1',
        AWS_ENDPOINT_URL_STS: sts.url,
        ...variables,
      };
      const { code, stdout, stderr } = await runCommand(program, args, { env });
      assert.equal(code, 0, stderr);
      const { Arn, Account } = JSON.parse(stdout);
      assert.match(Arn, /^arn:aws:sts::444455556666:assumed-role\/reader\/podrole-/);
      assert.equal(Account, '444455556666');
    });
  }
}

test('all of them were served from one exchange', () => {
  assert.equal(sidecar.lines.filter(({ msg }) => msg === 'session obtained').length, 1);
});
