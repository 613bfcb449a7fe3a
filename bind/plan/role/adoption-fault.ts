import { hasTrustPolicy, parseRoleArn } from '../../../lib/arn.ts';
import type { Fault } from '../../../lib/errors.ts';
import type { AwsAccount } from '../../iam/account.ts';
import type { RoleSummary } from '../../iam/iam-facts.ts';
import { otherRoleFault } from './other-role-fault.ts';

export interface Adoption {
  /** The ServiceAccount or container, as messages name it. */
  readonly object: string;
  /** Role of its annotation, completed. */
  readonly annotated: string;
  /** Role of that name in the account of the credentials; undefined if it does not exist. */
  readonly role: Pick<RoleSummary, 'arn'> | undefined;
  readonly account: AwsAccount;
}

/** Returns the fault of an annotated role that podrole cannot adopt; undefined if it can. */
export function adoptionFault({ object, annotated, role, account }: Adoption): Fault | undefined {
  const fault = (problem: string, remedy: string): Fault => ({
    code: 'CANNOT_ADOPT',
    object,
    problem: `has the role ${annotated}, which ${problem}`,
    remedy,
  });
  const replace = 'give --override-existing-serviceaccounts for a new role';
  const arn = parseRoleArn(annotated);
  if (!arn) return fault('is not a role ARN', `correct the annotation, or ${replace}`);
  if (!hasTrustPolicy(arn)) return fault('is in MinIO, which has no IAM', 'bind it by --attach-role-arn');
  if (arn.account !== account.accountId || arn.partition !== account.partition) {
    const place = `is not in account ${account.accountId} of partition ${account.partition}`;
    const remedy = 'use credentials of its account, or bind it by --attach-role-arn';
    return fault(`${place}, so podrole can neither read nor tag it`, remedy);
  }
  if (!role) return fault('does not exist', replace);
  return otherRoleFault(role, annotated);
}
