import { MINIO_PARTITION } from '../../lib/contract/iam.ts';

/** An AWS account, or a tenant of Ceph radosgw. */
export interface AwsAccount {
  /** Twelve digits in AWS; empty for Ceph's default tenant. */
  readonly accountId: string;
  /** `aws`, `aws-cn`, `aws-us-gov`, … */
  readonly partition: string;
}

/** MinIO has no IAM that could name an account. */
export const ACCOUNT_OF_MINIO: AwsAccount = { accountId: '', partition: MINIO_PARTITION };
