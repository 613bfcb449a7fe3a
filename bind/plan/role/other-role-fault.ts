import { parseRoleArn } from '../../../lib/arn.ts';
import type { Fault } from '../../../lib/errors.ts';
import type { RoleSummary } from '../../iam/iam-facts.ts';

/**
 * Returns the fault of a role that IAM found by its name, and that is another one than was asked for: its
 * path, account or partition differs. Undefined if it is the same.
 * @param asked ARN of the role that was asked for
 */
export function otherRoleFault(facts: Pick<RoleSummary, 'arn'>, asked: string): Fault | undefined {
  if (facts.arn === asked) return undefined;
  const [found, wanted] = [parseRoleArn(facts.arn), parseRoleArn(asked)];
  const isHere = found?.account === wanted?.account && found?.partition === wanted?.partition;
  return {
    code: 'OTHER_ROLE',
    object: asked,
    problem: `does not exist: the role of that name is ${facts.arn}`,
    remedy: isHere
      ? `give ${facts.arn} if you mean that role`
      : `use credentials for the account of ${asked}, or give ${facts.arn} if you mean that role`,
  };
}
