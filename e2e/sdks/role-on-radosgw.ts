import { generateKeyPairSync } from 'node:crypto';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { SignJWT } from 'jose';
import { keyId } from '../../oidc/keys/keys.ts';
import { clientOptions } from '../aws/aws-server.ts';
import { ISSUER } from '../setup/aws/publisher.ts';
import {
  AUDIENCE,
  BUCKET,
  CONTENT,
  OBJECT,
  READ_BUCKET,
  startTrustingRadosgw,
  trustPolicy,
} from '../setup/aws/trusting-radosgw.ts';
import type { S3Object } from './sdks.ts';

const SUBJECT = 'system:serviceaccount:shop:web';
const ROLE = 'shop-web';

/** A role of radosgw, a token for it, and an object that only the role and the administrator may read. */
export interface RoleOnRadosgw {
  readonly roleArn: string;
  readonly tokenFile: string;
  readonly object: S3Object;
  readonly content: string;
  stop(): Promise<void>;
}

/**
 * Starts radosgw with a trusted issuer whose key this process has. radosgw verifies the token, and each
 * request of the session.
 */
export async function startRoleOnRadosgw(): Promise<RoleOnRadosgw> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const { radosgw, file, stop } = await startTrustingRadosgw({ publicPem });
  try {
    const roleArn = await createRole(new IAMClient(clientOptions(radosgw)), radosgw.account);
    const token = new SignJWT({ iss: ISSUER, sub: SUBJECT, aud: [AUDIENCE] })
      .setProtectedHeader({ alg: 'RS256', kid: keyId(publicKey) })
      .setIssuedAt()
      .setExpirationTime('1h');
    return {
      roleArn,
      tokenFile: await file('token', await token.sign(privateKey)),
      object: { endpoint: radosgw.url, bucket: BUCKET, key: OBJECT },
      content: CONTENT,
      stop,
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

/** Creates the role, for the subject shop:web. @returns its ARN */
export async function createRole(iam: IAMClient, account: string): Promise<string> {
  const trust = JSON.stringify(trustPolicy(account, { subject: SUBJECT, audience: AUDIENCE }));
  await iam.send(new CreateRoleCommand({ RoleName: ROLE, AssumeRolePolicyDocument: trust }));
  const read = JSON.stringify(READ_BUCKET);
  await iam.send(new PutRolePolicyCommand({ RoleName: ROLE, PolicyName: 'read', PolicyDocument: read }));
  return `arn:aws:iam::${account}:role/${ROLE}`;
}
