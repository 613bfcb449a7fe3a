import { partitionOfRegion } from '../../lib/arn.ts';

/** AWS SDKs, partitions.json, August 2026 */
const DNS_SUFFIX_BY_PARTITION: Readonly<Record<string, string>> = {
  aws: 'amazonaws.com',
  'aws-cn': 'amazonaws.com.cn',
  'aws-us-gov': 'amazonaws.com',
  'aws-iso': 'c2s.ic.gov',
  'aws-iso-b': 'sc2s.sgov.gov',
  'aws-eusc': 'amazonaws.eu',
};

/** `eu-central-1`, `us-gov-west-1`, `eusc-de-east-1`. */
const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/;

/**
 * Returns the host name of a service in a region: `sts.cn-north-1.amazonaws.com.cn`.
 * @returns undefined if AWS has no such region, such as `europe-west1` of another cloud
 */
export function regionalHost(service: string, region: string): string | undefined {
  const suffix = DNS_SUFFIX_BY_PARTITION[partitionOfRegion(region)];
  return suffix !== undefined && REGION.test(region) ? `${service}.${region}.${suffix}` : undefined;
}
