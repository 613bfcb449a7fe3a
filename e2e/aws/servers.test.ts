import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  GetOpenIDConnectProviderCommand,
  GetPolicyCommand,
  GetRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { createAuthority } from '../../testing/certificates/certificates.ts';
import { assumeRole } from '../setup/aws/assume-role.ts';
import { type AwsServer, clientOptions } from './aws-server.ts';
import { startMoto } from './moto.ts';
import { startRadosgw } from './radosgw.ts';

const ISSUER = 'https://oidc.example.test';
const THUMBPRINT = '0123456789abcdef0123456789abcdef01234567';

const began = performance.now();
const [radosgw, moto] = await Promise.all([
  startRadosgw((await createAuthority('issuers')).cert),
  startMoto(),
]);
const startedInMs = performance.now() - began;
after(() => Promise.all([radosgw.stop(), moto.stop()]));

test('radosgw stores objects, providers, roles and policies', async (t) => {
  t.diagnostic(`both servers started in ${Math.round(startedInMs)} ms`);
  await storesAnObject(radosgw);
  await storesARole(radosgw);
});

test("moto stores the same, and has AWS's managed policies", async () => {
  await storesAnObject(moto);
  await storesARole(moto);
  const PolicyArn = 'arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy';
  const { Policy } = await new IAMClient(clientOptions(moto)).send(new GetPolicyCommand({ PolicyArn }));
  assert.equal(Policy?.PolicyName, 'AmazonEKS_CNI_Policy');
});

test('moto enforces the policies of a session while it is set to', async () => {
  const role = `arn:aws:iam::${moto.account}:role/reader`;
  const session = new S3Client(clientOptions(moto, await assumeRole(moto, role, 'not verified')));
  await moto.enforcingPolicies(async () => {
    await session.send(new GetObjectCommand({ Bucket: 'files', Key: 'a.txt' }));
    await assert.rejects(session.send(new ListBucketsCommand()), { name: 'AccessDenied' });
  });
  await session.send(new ListBucketsCommand());
});

async function storesAnObject(server: AwsServer): Promise<void> {
  const s3 = new S3Client(clientOptions(server));
  await s3.send(new CreateBucketCommand({ Bucket: 'files' }));
  await s3.send(new PutObjectCommand({ Bucket: 'files', Key: 'a.txt', Body: 'a' }));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'files', Key: 'a.txt' }));
  assert.equal(await Body?.transformToString(), 'a');
}

async function storesARole(server: AwsServer): Promise<void> {
  const iam = new IAMClient(clientOptions(server));
  const { OpenIDConnectProviderArn } = await iam.send(
    new CreateOpenIDConnectProviderCommand({
      Url: ISSUER,
      ClientIDList: ['sts.amazonaws.com'],
      ThumbprintList: [THUMBPRINT],
    }),
  );
  // Without a list: the SDK reads that of radosgw as empty.
  const provider = new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn });
  assert.deepEqual((await iam.send(provider)).ThumbprintList, [THUMBPRINT]);
  const trust = statement({
    Principal: { Federated: OpenIDConnectProviderArn },
    Action: 'sts:AssumeRoleWithWebIdentity',
  });
  await iam.send(new CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument: trust }));
  const PolicyDocument = statement({ Action: 's3:GetObject', Resource: 'arn:aws:s3:::files/*' });
  await iam.send(new PutRolePolicyCommand({ RoleName: 'reader', PolicyName: 'read', PolicyDocument }));
  const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'reader' }));
  assert.equal(Role?.Arn, `arn:aws:iam::${server.account}:role/reader`);
}

/** Returns a policy with one statement. */
function statement(parts: object): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...parts }] });
}
