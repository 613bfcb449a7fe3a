const REGION_BY_PARTITION: Readonly<Record<string, string>> = {
  'aws-cn': 'cn-north-1',
  'aws-us-gov': 'us-gov-west-1',
};

/**
 * Returns a region of a partition, for calls that any region of it answers: IAM has one endpoint per
 * partition. Default: one of `aws`.
 */
export function regionOfPartition(partition: string | undefined): string {
  return REGION_BY_PARTITION[partition ?? ''] ?? 'us-east-1';
}
