import { AWS_ACCOUNT_ID, MINIO_PARTITION, PARTITION } from './contract/iam.ts';

/** A role ARN as it was given, and its parts: `arn:PARTITION:iam:REGION:ACCOUNT:role/PATH/NAME`. */
export interface RoleArn {
  /** As it was given, which is what STS expects. */
  readonly arn: string;
  readonly partition: string;
  /** Empty, except for a MinIO with a site region. */
  readonly region: string;
  /** Twelve digits in AWS, a tenant or an account in Ceph, empty in Ceph's default tenant and in MinIO. */
  readonly account: string;
  /** Begins and ends with `/`. */
  readonly path: string;
  readonly name: string;
}

/**
 * IAM User Guide, "IAM identifiers": path of printable ASCII up to 512 characters, role name of `[\w+=,.@-]`
 * up to 64 characters. A path that contains another ARN shows that two values were joined by mistake. In the
 * value of a variable, kubelet replaces `$(NAME)` and `$$`: the role would be another than the one judged.
 *
 * Other servers print, and accept, ARNs with another partition, region or account. Ceph radosgw has
 * `arn:aws:iam::TENANT:role/NAME`, with an empty tenant by default. MinIO has
 * `arn:minio:iam:REGION::role/HASH`. SeaweedFS has `arn:aws:iam::role/NAME`, without a field for the account.
 */
const ROLE_ARN =
  /^arn:([a-z][a-z\d-]{0,62}):iam:([a-z\d-]{0,63}):(?:([\w.-]{0,64}):)?role(?!.*(?:\barn:|:iam:|:role\/|\$[$(]))(\/(?:[!-~]{1,510}\/)?)([\w+=,.@-]{1,64})$/;

/**
 * Parses a role ARN, of AWS or of another server. Returns undefined for any other string, also for one with
 * white space at its ends. `oddityOf` tells an unusual ARN from a usual one.
 */
export function parseRoleArn(text: string): RoleArn | undefined {
  const [, partition, region = '', account = '', path, name] = ROLE_ARN.exec(text) ?? [];
  if (!partition || !path || !name) return undefined;
  // IAM of AWS is global: a region there shows that the ARN of something else was edited.
  if (region && PARTITION_OF_AWS.test(partition)) return undefined;
  return { arn: text, partition, region, account, path, name };
}

const PARTITION_OF_AWS = /^aws(?:-|$)/;

/** Words that stand for an account in examples. */
const PLACEHOLDER = /^(?:(?:my|aws|your)[_-]?)?account(?:[_-]?id)?$/i;

/**
 * Returns what is unusual about a role ARN, to follow "which"; undefined for the forms that AWS, Ceph radosgw
 * and MinIO print. An unusual ARN may still be right for the server that it is sent to.
 */
export function oddityOf({ arn, partition, account }: RoleArn): string | undefined {
  if (!PARTITION.test(partition)) return `is of partition ${partition}, which neither AWS nor MinIO has`;
  if (/^arn:[^:]*:[^:]*:[^:]*:role\//.test(arn)) return 'has no field for the account';
  if (PLACEHOLDER.test(account)) return `has the placeholder ${account} for the account`;
  if (/^\d+$/.test(account) && !AWS_ACCOUNT_ID.test(account))
    return `has an account of ${account.length} digits, not of twelve`;
  return undefined;
}

/**
 * Returns the AWS account of a role; undefined for a role of another server. SDKs put it into host names of
 * AWS, where a tenant would lead to a host that does not exist.
 */
export function awsAccountOf({ account }: RoleArn): string | undefined {
  return AWS_ACCOUNT_ID.test(account) ? account : undefined;
}

/** Returns false for a role of MinIO, whose configuration says which issuer's tokens it takes. */
export function hasTrustPolicy({ partition }: RoleArn): boolean {
  return partition !== MINIO_PARTITION;
}

/**
 * Composes a role ARN from account, partition and role name, with or without a path, for
 * `--compose-role-arn`.
 * @param account may be empty, as in Ceph's default tenant and in MinIO
 */
export function composeRoleArn(role: string, account: string, partition: string): string {
  return `arn:${partition}:iam::${account}:role/${role.replace(/^\//, '')}`;
}

const PARTITION_BY_REGION_PREFIX: readonly (readonly [string, string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-isob-', 'aws-iso-b'],
  ['us-iso-', 'aws-iso'],
  ['eusc-', 'aws-eusc'],
];

/**
 * Returns the partition of a region; `aws` for every region without a prefix of its own. [AWS webhook, same
 * table]
 */
export function partitionOfRegion(region: string): string {
  return PARTITION_BY_REGION_PREFIX.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws';
}

/** AWS SDKs, partitions.json, August 2026 */
const DNS_SUFFIX_BY_PARTITION: Readonly<Record<string, string>> = {
  aws: 'amazonaws.com',
  'aws-cn': 'amazonaws.com.cn',
  'aws-us-gov': 'amazonaws.com',
  'aws-iso': 'c2s.ic.gov',
  'aws-iso-b': 'sc2s.sgov.gov',
  'aws-eusc': 'amazonaws.eu',
};

/** Returns the end of host names of a partition: `amazonaws.com`; undefined for an unknown partition. */
export function dnsSuffixOf(partition: string): string | undefined {
  return DNS_SUFFIX_BY_PARTITION[partition];
}
