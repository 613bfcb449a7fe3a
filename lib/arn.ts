/** An IAM role ARN taken apart: `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`. */
export interface RoleArn {
  readonly partition: string;
  /** Twelve digits. */
  readonly account: string;
  /** Begins and ends with `/`. */
  readonly path: string;
  readonly name: string;
}

/**
 * IAM User Guide, "IAM identifiers": account of 12 digits, path of printable ASCII up to 512 characters,
 * role name of `[\w+=,.@-]` up to 64 characters. Where a path holds another ARN, two values were run together.
 */
const ROLE_ARN =
  /^arn:(aws(?:-[a-z]+)*):iam::(\d{12}):role(?!.*\barn:)(\/(?:[!-~]{1,510}\/)?)([\w+=,.@-]{1,64})$/;

/** The parts of a role ARN; undefined for anything else, white space at its ends included. */
export function parseRoleArn(text: string): RoleArn | undefined {
  const [, partition, account, path, name] = ROLE_ARN.exec(text) ?? [];
  return partition && account && path && name ? { partition, account, path, name } : undefined;
}

/** A role ARN from account, partition and a role name with or without path: the value of `--compose-role-arn`. */
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

/** The partition that a region belongs to; `aws` for every region without a prefix of its own. [AWS webhook, same table] */
export function partitionOfRegion(region: string): string {
  return PARTITION_BY_REGION_PREFIX.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws';
}
