import { dnsSuffixOf, partitionOfRegion } from '../../lib/arn.ts';

/** Kind of an endpoint. */
export interface EndpointKind {
  /** Cryptography by FIPS 140. */
  readonly fips: boolean;
  /** IPv4 and IPv6. */
  readonly dualStack: boolean;
}

/** AWS SDKs, partitions.json, August 2026 */
const DUAL_STACK_SUFFIX: Readonly<Record<string, string>> = {
  aws: 'api.aws',
  'aws-cn': 'api.amazonwebservices.com.cn',
  'aws-us-gov': 'api.aws',
  'aws-iso': 'api.aws.ic.gov',
  'aws-iso-b': 'api.aws.scloud',
  'aws-eusc': 'api.amazonwebservices.eu',
};

/** `eu-central-1`, `us-gov-west-1`, `eusc-de-east-1`. */
const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/;

/**
 * Returns the host name of STS in a region: `sts.cn-north-1.amazonaws.com.cn`, `sts-fips.us-east-1.api.aws`.
 * AWS SDKs, endpoint rules of STS, August 2026
 * @returns undefined if AWS has no such region, such as `europe-west1` of another cloud
 */
export function stsHost(region: string, { fips, dualStack }: EndpointKind): string | undefined {
  const partition = partitionOfRegion(region);
  const suffix = dualStack ? DUAL_STACK_SUFFIX[partition] : dnsSuffixOf(partition);
  if (suffix === undefined || !REGION.test(region)) return undefined;
  // In GovCloud the usual endpoint is the FIPS one.
  const isFipsName = fips && (dualStack || partition !== 'aws-us-gov');
  return `${isFipsName ? 'sts-fips' : 'sts'}.${region}.${suffix}`;
}
