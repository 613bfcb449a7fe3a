import type { IAMClient } from '@aws-sdk/client-iam';
import { parseRoleArn } from '../../lib/arn.ts';
import type { RoleSummary } from './iam-facts.ts';
import { readBareRole } from './read-role.ts';
import type { TargetIam } from './target-iam.ts';

/** A target role, and the account whose credentials read it. */
export interface TargetRoleFacts extends RoleSummary {
  /** Account of `--target-profile`; undefined: that of the command. */
  readonly account: string | undefined;
}

/** Credentials that may read a target role. */
export interface TargetReaders {
  readonly iam: IAMClient;
  /** Account of `iam`. */
  readonly accountId: string;
  readonly targetIam: TargetIam | undefined;
}

/**
 * Reads a target role from the account that it is in; `elsewhere` if there are no credentials for that.
 * @returns undefined if IAM says that it does not exist
 * @throws PodroleError if it cannot be read; see iam-fault.ts
 */
export async function readTargetRole(
  roleArn: string,
  { iam, accountId, targetIam }: TargetReaders,
): Promise<TargetRoleFacts | 'elsewhere' | undefined> {
  const arn = parseRoleArn(roleArn);
  if (!arn) return 'elsewhere';
  const isOfProfile = targetIam?.account.accountId === arn.account && arn.account !== accountId;
  if (arn.account !== accountId && !isOfProfile) return 'elsewhere';
  const role = await readBareRole(isOfProfile ? targetIam.iam : iam, arn.name);
  return role && { ...role, account: isOfProfile ? arn.account : undefined };
}
