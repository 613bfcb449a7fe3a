import type { IAMClient } from '@aws-sdk/client-iam';
import type { Env } from '../../lib/surroundings.ts';
import type { AwsAccount } from './account.ts';
import { findAccount } from './find-account.ts';
import { openIam } from './open-iam.ts';

/** IAM of the account that `--target-profile` gives. */
export interface TargetIam {
  readonly iam: IAMClient;
  readonly account: AwsAccount;
}

/**
 * Opens IAM with the credentials of a profile, and closes it after its use.
 * @param profile undefined: there is none to open
 * @throws PodroleError what openIam and findAccount throw, and what the use throws
 */
export async function withTargetIam<Result>(
  profile: string | undefined,
  env: Env,
  use: (opened: TargetIam | undefined) => Promise<Result>,
): Promise<Result> {
  if (profile === undefined) return use(undefined);
  const iam = await openIam(undefined, env, profile);
  try {
    const account = await findAccount({ accountId: undefined, partition: undefined, profile }, env, iam);
    return await use({ iam, account });
  } finally {
    iam.destroy();
  }
}
