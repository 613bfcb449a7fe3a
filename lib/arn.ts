/** Parts of an IAM role ARN: `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`. */
export interface RoleArn {
  readonly partition: string;
  /** Twelve digits. */
  readonly account: string;
  /** Begins and ends with `/`. */
  readonly path: string;
  readonly name: string;
}

/**
 * IAM User Guide, "IAM identifiers": account of 12 digits, path of printable ASCII up to 512 characters, role
 * name of `[\w+=,.@-]` up to 64 characters. A path that contains another ARN shows that two values were
 * joined by mistake.
 */
const ROLE_ARN =
  /^arn:(aws(?:-[a-z]+)*):iam::(\d{12}):role(?!.*\barn:)(\/(?:[!-~]{1,510}\/)?)([\w+=,.@-]{1,64})$/;

/** Parses a role ARN; undefined for any other string, also for one with white space at its ends. */
export function parseRoleArn(text: string): RoleArn | undefined {
  const [, partition, account, path, name] = ROLE_ARN.exec(text) ?? [];
  return partition && account && path && name ? { partition, account, path, name } : undefined;
}

/**
 * Composes a role ARN from account, partition and role name, with or without a path, for
 * `--compose-role-arn`.
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
