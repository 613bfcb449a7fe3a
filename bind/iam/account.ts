/** An AWS account. */
export interface AwsAccount {
  /** Twelve digits. */
  readonly accountId: string;
  /** `aws`, `aws-cn`, `aws-us-gov`, … */
  readonly partition: string;
}
