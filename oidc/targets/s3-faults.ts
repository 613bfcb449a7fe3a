import { codeOf, messageOf, PodroleError } from '../../lib/errors.ts';
import { proxyFaultOf } from '../../lib/http/proxy/proxy-fault.ts';

/** Permissions that each kind of call needs. */
const PERMISSIONS = {
  read: 's3:GetObject on its objects and s3:ListBucket on the bucket (without it, S3 answers 403 for a missing object)',
  write: 's3:PutObject on its objects',
  remove: 's3:DeleteObject on its objects',
  create:
    's3:CreateBucket, and s3:GetBucketPolicy, s3:PutBucketPolicy, s3:GetBucketPublicAccessBlock and s3:PutBucketPublicAccessBlock on the bucket',
} as const;

export type S3Act = keyof typeof PERMISSIONS;

/** Remedies by error code. S3 API Reference, "Error responses" */
const REMEDIES: Readonly<Record<string, string>> = {
  NoSuchBucket: 'create the bucket, for example with podrole publish --create-bucket, or name another one',
  BucketAlreadyExists: 'choose another name: bucket names are unique worldwide',
  PermanentRedirect: 'set AWS_REGION to the region of the bucket',
  AuthorizationHeaderMalformed: 'set AWS_REGION to the region of the bucket',
  CredentialsProviderError: 'give AWS credentials as for the AWS CLI, such as AWS_PROFILE or a role',
  ExpiredToken: 'sign in again',
  InvalidAccessKeyId: 'give credentials of the account that may write to the bucket',
  SignatureDoesNotMatch: 'give credentials of the account that may write to the bucket',
  SlowDown: 'run again later',
};

/**
 * Turns what the SDK threw into a fault with a remedy.
 * @param object `s3://bucket/key`
 */
export function s3Fault(act: S3Act, object: string, thrown: unknown): PodroleError {
  const proxyFault = proxyFaultOf(thrown);
  if (proxyFault) return new PodroleError(proxyFault, { cause: thrown });
  const name = thrown instanceof Error ? thrown.name : '';
  const isDenied = name === 'AccessDenied' || name === 'Forbidden';
  const isRegion = messageOf(thrown).includes('Region is missing');
  return new PodroleError(
    {
      code: act === 'read' ? 'TARGET_UNREADABLE' : 'TARGET_UNWRITABLE',
      object,
      problem: `${name || 'S3'}: ${messageOf(thrown)}${codeOf(thrown) ? ` (${codeOf(thrown)})` : ''}`,
      remedy: isDenied
        ? `allow these credentials ${PERMISSIONS[act]}`
        : isRegion
          ? 'set AWS_REGION to the region of the bucket'
          : (REMEDIES[name] ?? 'check that the bucket answers from here, for example with aws s3 ls'),
    },
    { cause: thrown },
  );
}
