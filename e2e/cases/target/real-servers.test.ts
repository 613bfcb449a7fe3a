import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SignJWT } from 'jose';
import { assumeTarget } from '../../../credentials/chain/assume-target.ts';
import type { TargetRole } from '../../../credentials/chain/target-role.ts';
import { exchangeToken } from '../../../credentials/exchange/exchange.ts';
import { ExchangeError } from '../../../credentials/exchange/exchange-error.ts';
import type { Session } from '../../../credentials/session.ts';
import { keyId } from '../../../oidc/keys/keys.ts';
import { type AwsServer, clientOptions } from '../../aws/aws-server.ts';
import { startMoto } from '../../aws/moto.ts';
import { ISSUER } from '../../setup/aws/publisher.ts';
import {
  AUDIENCE,
  BUCKET,
  CONTENT,
  OBJECT,
  READ_BUCKET,
  startTrustingRadosgw,
  trustPolicy,
} from '../../setup/aws/trusting-radosgw.ts';

/**
 * Target roles on servers that podrole did not write: each checks the signature, the trust policy of the
 * target, and then the policy of the target. docs/target-roles.md has a table of what they do not know.
 */
const SUBJECT = 'system:serviceaccount:shop:web';
const EXTERNAL_ID = 'us-east-1/123456789012/prod/shop/web';
const TAGS = { 'kubernetes-namespace': 'shop', 'kubernetes-pod-name': 'web-1' };
const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-target-'));
after(() => rm(folder, { recursive: true }));

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const tokenFile = path.join(folder, 'token');
const token = new SignJWT({ iss: ISSUER, sub: SUBJECT, aud: [AUDIENCE] })
  .setProtectedHeader({ alg: 'RS256', kid: keyId(publicKey) })
  .setIssuedAt()
  .setExpirationTime('1h');
await writeFile(tokenFile, await token.sign(privateKey));
const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const site = await startTrustingRadosgw({ publicPem });
after(() => site.stop());
const moto = await startMoto();
after(() => moto.stop());

const policy = (...statements: readonly object[]) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map((each) => ({ Effect: 'Allow', ...each })),
  });
const own = ({ account }: AwsServer) => `arn:aws:iam::${account}:role/shop-web`;
const target = ({ account }: AwsServer, name: string) => `arn:aws:iam::${account}:role/${name}`;

async function createRole(server: AwsServer, RoleName: string, trust: string, rights: string): Promise<void> {
  const iam = new IAMClient(clientOptions(server));
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'rights', PolicyDocument: rights }));
}

function addressOf(server: AwsServer) {
  return { endpoint: new URL(server.url), caFile: undefined };
}

async function baseSession(server: AwsServer): Promise<Session> {
  const { session } = await exchangeToken(
    {
      ...addressOf(server),
      roleArn: own(server),
      sessionName: 'web-1',
      durationSeconds: 3_600,
      tokenFile,
    },
    () => new Date(),
    new AbortController().signal,
  );
  return session;
}

async function assume(server: AwsServer, base: Session, name: string, changes: Partial<TargetRole> = {}) {
  const role = { roleArn: target(server, name), externalId: EXTERNAL_ID, tags: TAGS, ...changes };
  const { session } = await assumeTarget(base, role, {
    ...addressOf(server),
    region: 'us-east-1',
    sessionName: 'web-1',
    durationSeconds: 3_600,
    now: () => new Date(),
    clockAheadMs: undefined,
    signal: new AbortController().signal,
  });
  return session;
}

async function readObject(server: AwsServer, session: Session): Promise<string | undefined> {
  const s3 = new S3Client({ ...clientOptions(server, session), forcePathStyle: true });
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: OBJECT }));
  return Body?.transformToString();
}

const isRefused = (thrown: unknown) => thrown instanceof ExchangeError && thrown.retry === 'late';

test('radosgw: the target role decides what the session may, and its trust policy who gets it', async () => {
  const { radosgw } = site;
  const trust = JSON.stringify(trustPolicy(radosgw.account, { subject: SUBJECT, audience: AUDIENCE }));
  const mayAssume = policy({ Action: 'sts:AssumeRole', Resource: target(radosgw, '*') });
  await createRole(radosgw, 'shop-web', trust, mayAssume);
  const Action = ['sts:AssumeRole', 'sts:TagSession'];
  const trusted = policy({ Principal: { AWS: [own(radosgw)] }, Action });
  const read = JSON.stringify(READ_BUCKET);
  await createRole(radosgw, 'reader', trusted, read);
  await createRole(radosgw, 'other', policy({ Principal: { AWS: [target(radosgw, 'x')] }, Action }), read);
  const base = await baseSession(radosgw);
  await assert.rejects(readObject(radosgw, base));
  assert.equal(await readObject(radosgw, await assume(radosgw, base, 'reader')), CONTENT);
  await assert.rejects(assume(radosgw, base, 'other'), isRefused);
  await assert.rejects(assume(radosgw, base, 'none'), isRefused);
  const forged = { ...base, secretAccessKey: 'x'.repeat(40) };
  await assert.rejects(assume(radosgw, forged, 'reader'), isRefused);
});

test('radosgw: conditions on tags and external id refuse, because it does not know them', async () => {
  const { radosgw } = site;
  const base = await baseSession(radosgw);
  const Principal = { AWS: [own(radosgw)] };
  const Action = ['sts:AssumeRole', 'sts:TagSession'];
  for (const [name, condition] of [
    ['by-id', { 'sts:ExternalId': EXTERNAL_ID }],
    ['by-tag', { 'aws:RequestTag/kubernetes-namespace': 'shop' }],
  ] as const) {
    const trust = policy({ Principal, Action, Condition: { StringEquals: condition } });
    await createRole(radosgw, name, trust, JSON.stringify(READ_BUCKET));
    await assert.rejects(assume(radosgw, base, name), isRefused);
  }
  const ofTag = { StringEquals: { 'aws:PrincipalTag/kubernetes-namespace': 'shop' } };
  const rights = policy({ Action: 's3:GetObject', Resource: `arn:aws:s3:::${BUCKET}/*`, Condition: ofTag });
  await createRole(radosgw, 'by-own-tag', policy({ Principal, Action }), rights);
  await assert.rejects(readObject(radosgw, await assume(radosgw, base, 'by-own-tag')));
});

test('moto: own policy, trust policy and external id decide, then the policy of the target', async () => {
  const s3 = new S3Client({ ...clientOptions(moto), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: OBJECT, Body: CONTENT }));
  const trust = JSON.stringify(trustPolicy(moto.account, { subject: SUBJECT, audience: AUDIENCE }));
  const mayAssume = policy({ Action: 'sts:AssumeRole', Resource: target(moto, 'reader') });
  await createRole(moto, 'shop-web', trust, mayAssume);
  // moto compares a principal with the ARN of the session alone.
  const session = `arn:aws:sts::${moto.account}:assumed-role/shop-web/web-1`;
  const trusted = policy({
    Principal: { AWS: [own(moto), session] },
    Action: ['sts:AssumeRole', 'sts:TagSession'],
    Condition: { StringEquals: { 'sts:ExternalId': EXTERNAL_ID } },
  });
  for (const name of ['reader', 'not-in-policy'])
    await createRole(moto, name, trusted, JSON.stringify(READ_BUCKET));
  const base = await baseSession(moto);
  await moto.enforcingPolicies(async () => {
    await assert.rejects(readObject(moto, base));
    assert.equal(await readObject(moto, await assume(moto, base, 'reader')), CONTENT);
    await assert.rejects(assume(moto, base, 'reader', { externalId: `${EXTERNAL_ID}2` }), isRefused);
    await assert.rejects(assume(moto, base, 'not-in-policy'), isRefused);
    const forged = { ...base, secretAccessKey: 'x'.repeat(40) };
    await assert.rejects(assume(moto, forged, 'reader'), isRefused);
  });
});
