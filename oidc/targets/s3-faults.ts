import { codeOf, messageOf, PodroleError } from '../../lib/errors.ts';

/** What was tried on a bucket; which permissions that takes. */
const PERMISSIONS = {
  read: 's3:GetObject on its objects and s3:ListBucket on the bucket, without which S3 answers 403 for an object that is not there',
  write: 's3:PutObject on its objects',
  remove: 's3:DeleteObject on its objects',
  create:
    's3:CreateBucket, and s3:GetBucketPolicy, s3:PutBucketPolicy, s3:GetBucketPublicAccessBlock and s3:PutBucketPublicAccessBlock on the bucket',
} as const;

export type S3Act = keyof typeof PERMISSIONS;

/** Remedies by error code. S3 API Reference, "Error responses" */
const REMEDIES: Readonly<Record<string, string>> = {
  NoSuchBucket: 'create the bucket, with podrole publish --create-bucket for one, or name another one',
  BucketAlreadyExists: 'choose another name: names of buckets are unique in the whole world',
  PermanentRedirect: 'set AWS_REGION to the region of the bucket',
  AuthorizationHeaderMalformed: 'set AWS_REGION to the region of the bucket',
  CredentialsProviderError: 'give the credentials of AWS as for the AWS CLI: AWS_PROFILE, or a role',
  ExpiredToken: 'sign in again',
  InvalidAccessKeyId: 'give credentials of the account that may write to the bucket',
  SignatureDoesNotMatch: 'give credentials of the account that may write to the bucket',
  SlowDown: 'run again later',
};

/**
 * What the SDK threw, as a fault that says what to do.
 * @param object `s3://bucket/key`
 */
export function s3Fault(act: S3Act, object: string, thrown: unknown): PodroleError {
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
