import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SignJWT } from 'jose';
import { issuerHostPath } from '../../lib/issuer.ts';
import { keyId } from '../../oidc/keys.ts';
import { createAuthority } from '../../testing/certificates.ts';
import { startPodrole } from '../../testing/server-process.ts';
import { awsEnvironment, clientOptions } from '../aws/aws-server.ts';
import { startRadosgw } from '../aws/radosgw.ts';
import { runPodrole } from '../setup/run-podrole.ts';
import type { S3Object } from './sdks.ts';

const HOST = 'oidc.example.test';
const ISSUER = `https://${HOST}`;
const AUDIENCE = 'sts.amazonaws.com';
const SUBJECT = 'system:serviceaccount:shop:web';
const ROLE = 'shop-web';
const BUCKET = 'shop-files';

/** A role of radosgw, a token for it, and an object that nobody but the role and the administrator may read. */
export interface RoleOnRadosgw {
  readonly roleArn: string;
  readonly tokenFile: string;
  readonly object: S3Object;
  readonly content: string;
  stop(): Promise<void>;
}

/** Starts radosgw with an issuer that it trusts, published by podrole: it verifies the token, and each request by the session. */
export async function startRoleOnRadosgw(): Promise<RoleOnRadosgw> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-sdks-'));
  const file = async (name: string, content: string) => {
    await writeFile(path.join(folder, name), content, { mode: 0o600 });
    return path.join(folder, name);
  };
  const authority = await createAuthority('issuers');
  const radosgw = await startRadosgw(authority.cert);
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keyFile = await file('sa.pub', publicKey.export({ type: 'spki', format: 'pem' }).toString());
  const { cert, key } = await authority.issue([HOST]);
  const environment = {
    ...awsEnvironment(radosgw),
    NODE_EXTRA_CA_CERTS: await file('ca.crt', authority.cert),
  };
  const publisher = await startPodrole(
    [
      ...['publish', '--serve', '--x5c', '--issuer', ISSUER, '--host', '127.0.0.2', '--port', '443'],
      ...['--key-file', keyFile],
      ...['--tls-cert', await file('tls.crt', cert), '--tls-key', await file('tls.key', key)],
    ],
    { from: 'bundle', env: environment },
  );
  const stop = async () => {
    await Promise.all([publisher.stop('SIGKILL'), radosgw.stop()]);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const ensure = ['provider', 'ensure', '--issuer', ISSUER, '--account-id', radosgw.account, '--approve'];
    const { code, stderr } = await runPodrole(ensure, environment);
    if (code !== 0) throw new Error(stderr);
    await createRole(new IAMClient(clientOptions(radosgw)), radosgw.account);

    const content = 'kept from everybody else\n';
    const s3 = new S3Client(clientOptions(radosgw));
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a.txt', Body: content }));

    const token = new SignJWT({ iss: ISSUER, sub: SUBJECT, aud: [AUDIENCE] })
      .setProtectedHeader({ alg: 'RS256', kid: keyId(publicKey) })
      .setIssuedAt()
      .setExpirationTime('1h');
    return {
      roleArn: `arn:aws:iam::${radosgw.account}:role/${ROLE}`,
      tokenFile: await file('token', await token.sign(privateKey)),
      object: { endpoint: radosgw.url, bucket: BUCKET, key: 'a.txt' },
      content,
      stop,
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

async function createRole(iam: IAMClient, account: string): Promise<void> {
  const provider = issuerHostPath(ISSUER);
  const trust = allow({
    Principal: { Federated: [`arn:aws:iam::${account}:oidc-provider/${provider}`] },
    Action: ['sts:AssumeRoleWithWebIdentity'],
    Condition: { StringEquals: { [`${provider}:sub`]: SUBJECT, [`${provider}:aud`]: AUDIENCE } },
  });
  await iam.send(new CreateRoleCommand({ RoleName: ROLE, AssumeRolePolicyDocument: trust }));
  // rclone lists before it reads.
  const read = allow({
    Action: ['s3:GetObject', 's3:ListBucket'],
    Resource: [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`],
  });
  await iam.send(new PutRolePolicyCommand({ RoleName: ROLE, PolicyName: 'read', PolicyDocument: read }));
}

/** A policy with one statement. */
function allow(statement: object): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
}
