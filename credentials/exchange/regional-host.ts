import { partitionOfRegion } from '../../lib/arn.ts';

/** Kind of an endpoint. */
export interface EndpointKind {
  /** Cryptography by FIPS 140. */
  readonly fips: boolean;
  /** IPv4 and IPv6. */
  readonly dualStack: boolean;
}

interface Suffixes {
  readonly dns: string;
  readonly dualStack: string;
}

/** AWS SDKs, partitions.json, August 2026 */
const SUFFIXES_BY_PARTITION: Readonly<Record<string, Suffixes>> = {
  aws: { dns: 'amazonaws.com', dualStack: 'api.aws' },
  'aws-cn': { dns: 'amazonaws.com.cn', dualStack: 'api.amazonwebservices.com.cn' },
  'aws-us-gov': { dns: 'amazonaws.com', dualStack: 'api.aws' },
  'aws-iso': { dns: 'c2s.ic.gov', dualStack: 'api.aws.ic.gov' },
  'aws-iso-b': { dns: 'sc2s.sgov.gov', dualStack: 'api.aws.scloud' },
  'aws-eusc': { dns: 'amazonaws.eu', dualStack: 'api.amazonwebservices.eu' },
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
  const suffixes = SUFFIXES_BY_PARTITION[partition];
  if (suffixes === undefined || !REGION.test(region)) return undefined;
  // In GovCloud the usual endpoint is the FIPS one.
  const isFipsName = fips && (dualStack || partition !== 'aws-us-gov');
  return `${isFipsName ? 'sts-fips' : 'sts'}.${region}.${dualStack ? suffixes.dualStack : suffixes.dns}`;
}
