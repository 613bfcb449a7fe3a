import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createAuthority } from '../../../testing/certificates/certificates.ts';
import { type AwsServer, awsEnvironment, clientOptions } from '../../aws/aws-server.ts';
import { startRadosgw } from '../../aws/radosgw.ts';
import { runPodrole } from '../run-podrole.ts';
import { startSite, type TemporarySite } from '../temporary-site.ts';
import { ISSUER, type IssuerKeys, PROVIDER, startPublisher } from './publisher.ts';

export const AUDIENCE = 'sts.amazonaws.com';
export const BUCKET = 'shop-files';
export const OBJECT = 'a.txt';
export const CONTENT = 'kept from everybody else\n';

/**
 * A radosgw that trusts the issuer that podrole publishes, with an object that only the administrator may
 * read at first.
 */
interface TrustingRadosgw extends TemporarySite {
  readonly radosgw: AwsServer;
  /** The authority of the issuer's certificate, PEM. */
  readonly caFile: string;
  /** Runs the shipped podrole as radosgw's administrator. @throws when it fails */
  run(args: readonly string[]): Promise<void>;
}

export function startTrustingRadosgw(keys: IssuerKeys): Promise<TrustingRadosgw> {
  return startSite(async ({ file, onStop }) => {
    const authority = await createAuthority('issuers');
    const { cert, key } = await authority.issue([PROVIDER]);
    const radosgw = await startRadosgw(authority.cert);
    onStop(() => radosgw.stop());
    const caFile = await file('ca.crt', authority.cert);
    await startPublisher({ file, onStop }, keys, { cert, key });
    const cluster = 'kubeconfig' in keys ? { KUBECONFIG: keys.kubeconfig } : {};
    const env = { ...awsEnvironment(radosgw), NODE_EXTRA_CA_CERTS: caFile, ...cluster };
    const run = async (args: readonly string[]) => {
      const { code, stdout, stderr } = await runPodrole(args, env);
      if (code !== 0) throw new Error(`podrole ${args.slice(0, 2).join(' ')}: ${stdout}${stderr}`);
    };
    await run(['provider', 'ensure', '--issuer', ISSUER, '--account-id', radosgw.account, '--approve']);

    const s3 = new S3Client(clientOptions(radosgw));
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: OBJECT, Body: CONTENT }));
    return { radosgw, caFile, run };
  });
}

/** Returns a policy that allows to read and to list the bucket: some clients list before they read. */
export const READ_BUCKET = policy({
  Action: ['s3:GetObject', 's3:ListBucket'],
  Resource: [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`],
});

/** Returns a trust policy for tokens of the issuer. @param account of the role */
export function trustPolicy(account: string, { subject, audience }: { subject: string; audience: string }) {
  return policy({
    Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${PROVIDER}` },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringEquals: { [`${PROVIDER}:sub`]: subject, [`${PROVIDER}:aud`]: audience } },
  });
}

/** Returns a policy with one statement. */
function policy(statement: object): object {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] };
}
