import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { asObject } from '../lib/json/json.ts';
import { ROLE, startLocalSts } from '../testing/aws/local-sts.ts';
import { useIssuer } from '../testing/oidc/issuer.ts';
import { startPodrole } from '../testing/processes/server-process.ts';

const TARGET = 'arn:aws:iam::444455556666:role/shared/reader';
const POD = {
  PODROLE_TARGET_ROLE_ARN: TARGET,
  PODROLE_CLUSTER_NAME: 'prod',
  PODROLE_NAMESPACE: 'shop',
  PODROLE_SERVICE_ACCOUNT: 'web',
  PODROLE_POD_NAME: 'web-1',
  PODROLE_POD_UID: '0b3c1c5e-5a55-4c58-a9f1-000000000001',
};

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
          Action: ['sts:AssumeRole', 'sts:TagSession'],
          Condition: {
            StringEquals: {
              'sts:ExternalId': 'eu-central-1/111122223333/prod/shop/web',
              'aws:RequestTag/kubernetes-namespace': 'shop',
              'aws:RequestTag/kubernetes-service-account': 'web',
              'aws:RequestTag/eks-cluster-name': 'prod',
            },
            StringLike: {
              'aws:RequestTag/kubernetes-pod-name': 'web-*',
              'aws:RequestTag/kubernetes-pod-uid': '0b3c1c5e-*',
            },
          },
        },
      },
    },
  ],
  {
    policy: {
      Statement: { Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: TARGET },
    },
  },
);
const folder = mkdtempSync(join(tmpdir(), 'podrole-target-'));
const tokenFile = join(folder, 'token');
writeFileSync(tokenFile, await issuer.sign());
after(async () => {
  rmSync(folder, { recursive: true });
  await sts.close();
});

function stringsOf(json: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(asObject(json) ?? {}).map(([name, value]) => [name, String(value)]),
  );
}

function start(changes: Readonly<Record<string, string>> = {}) {
  const env = {
    AWS_ROLE_ARN: ROLE,
    AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_STS: sts.url,
    ...POD,
    ...changes,
  };
  return startPodrole(['sidecar', '--port', '0', '--metrics-port', '0'], { env });
}

test('all that is served is of the target role', async () => {
  const sidecar = await start();
  try {
    assert.equal(sidecar.listening['role'], ROLE);
    assert.equal(sidecar.listening['targetRole'], TARGET);
    const url = `http://127.0.0.1:${sidecar.listening['port']}`;
    const served = stringsOf(await (await fetch(`${url}/v1/credentials`)).json());
    const { AccessKeyId = '', SecretAccessKey = '', Token = '', RoleArn } = served;
    assert.equal(RoleArn, TARGET);
    const session = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token };
    const identity = await sts.client(session).send(new GetCallerIdentityCommand());
    assert.match(String(identity.Arn), /^arn:aws:sts::444455556666:assumed-role\/reader\/podrole-/);
    const metadata = `${url}/latest/meta-data/iam`;
    const names = await (await fetch(`${metadata}/security-credentials/`)).text();
    assert.equal(names, 'reader');
    const ofMetadata = await fetch(`${metadata}/security-credentials/reader`);
    assert.equal(stringsOf(await ofMetadata.json())['AccessKeyId'], AccessKeyId);
    assert.match(await (await fetch(`${metadata}/info`)).text(), /444455556666/);
    const logged = JSON.stringify(sidecar.lines);
    for (const secret of [SecretAccessKey, Token]) assert.ok(!logged.includes(secret));
  } finally {
    await sidecar.stop();
  }
});

for (const [name, changes] of [
  ['another namespace', { PODROLE_NAMESPACE: 'bank' }],
  ['another cluster', { PODROLE_CLUSTER_NAME: 'test' }],
  ['a pod of another name', { PODROLE_POD_NAME: 'job-1' }],
  ['no tags', { PODROLE_SESSION_TAGS: 'false' }],
] as const) {
  test(`refused, and the own role is not served instead: ${name}`, async () => {
    const sidecar = await start(changes);
    try {
      const url = `http://127.0.0.1:${sidecar.listening['port']}`;
      const answer = await fetch(`${url}/v1/credentials`);
      const body = await answer.text();
      assert.notEqual(answer.status, 200);
      assert.match(body, /STS_REFUSED/);
      assert.match(body, /AccessDenied.*trust policy of arn:aws:iam::444455556666:role\/shared\/reader/);
      const metadata = await fetch(`${url}/latest/meta-data/iam/security-credentials/reader`);
      assert.doesNotMatch(await metadata.text(), /SecretAccessKey":"./);
    } finally {
      await sidecar.stop();
    }
  });
}
