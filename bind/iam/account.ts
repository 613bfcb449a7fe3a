/** An AWS account, or a tenant of Ceph radosgw. */
export interface AwsAccount {
  /** Twelve digits in AWS; empty for Ceph's default tenant. */
  readonly accountId: string;
  /** `aws`, `aws-cn`, `aws-us-gov`, … */
  readonly partition: string;
}
