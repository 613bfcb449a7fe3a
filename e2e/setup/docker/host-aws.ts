import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createAuthority } from '../../../testing/certificates/certificates.ts';
import { type AwsServer, clientOptions } from '../../aws/aws-server.ts';
import { GATEWAY_PORT } from '../../aws/ceph-config.ts';
import { startRadosgw } from '../../aws/radosgw.ts';
import { startSite } from '../temporary-site.ts';
import { type RecordingSts, startRecordingSts } from './recording-sts.ts';
import { UPLINK } from './uplink.ts';

export const BUCKET = 'logs';
export const OBJECT = 'first.txt';
export const CONTENT = 'kept from everybody else\n';

/** radosgw, which containers reach over the uplink of their host. */
export interface HostAws {
  readonly radosgw: AwsServer;
  /** URLs for the host and its containers. */
  readonly s3Url: string;
  readonly stsUrl: string;
  readonly sts: RecordingSts;
  /** Variables of the host's own credentials and of its STS. */
  readonly hostEnv: Readonly<Record<string, string>>;
  /** Prefix of role ARNs of its account. */
  readonly roleBase: string;
  /**
   * Creates a role that the host may assume.
   * @param actions of S3 that it may do with the bucket and its objects; none: nothing
   * @returns its ARN
   */
  createRole(name: string, actions: readonly string[], trust?: object): Promise<string>;
  /** Returns an object of the bucket, read by the administrator; undefined if it does not exist. */
  read(key: string): Promise<string | undefined>;
  stop(): Promise<void>;
}

/** Starts radosgw with a bucket, and an STS in front of it that remembers each session. */
export function startHostAws(): Promise<HostAws> {
  return startSite(async ({ onStop }) => {
    const { cert } = await createAuthority('issuers');
    const radosgw = await startRadosgw(cert);
    onStop(() => radosgw.stop());
    const sts = await startRecordingSts(radosgw.url);
    onStop(() => sts.stop());
    return { ...(await hostAws(radosgw, sts)) };
  });
}

/** Makes the bucket with its object. */
export async function hostAws(radosgw: AwsServer, sts: RecordingSts): Promise<Omit<HostAws, 'stop'>> {
  const s3 = new S3Client({ ...clientOptions(radosgw), forcePathStyle: true });
  const iam = new IAMClient(clientOptions(radosgw));
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: OBJECT, Body: CONTENT }));
  const stsUrl = `http://${UPLINK.outside}:${sts.port}`;
  const trustOfHost = {
    Principal: { AWS: [`arn:aws:iam::${radosgw.account}:user/admin`] },
    Action: ['sts:AssumeRole'],
  };
  return {
    radosgw,
    s3Url: `http://${UPLINK.outside}:${GATEWAY_PORT}`,
    stsUrl,
    sts,
    hostEnv: {
      AWS_ACCESS_KEY_ID: radosgw.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: radosgw.credentials.secretAccessKey,
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL_STS: stsUrl,
    },
    roleBase: `arn:aws:iam::${radosgw.account}:role/`,
    async createRole(RoleName, Action, trust = trustOfHost) {
      const AssumeRolePolicyDocument = policy(trust);
      await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
      if (Action.length > 0) {
        const PolicyDocument = policy({
          Action,
          Resource: [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`],
        });
        await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'rights', PolicyDocument }));
      }
      return `arn:aws:iam::${radosgw.account}:role/${RoleName}`;
    },
    async read(Key) {
      try {
        return await (await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }))).Body?.transformToString();
      } catch (thrown) {
        if (thrown instanceof Error && thrown.name === 'NoSuchKey') return undefined;
        throw thrown;
      }
    },
  };
}

/** Returns a policy with one statement. */
function policy(statement: object): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
}
