import { parseRoleArn, type RoleArn } from '../../lib/arn.ts';
import type { Fault } from '../../lib/errors.ts';
import { completeRole } from '../../policy/complete-role.ts';
import { ROLE_MAX_LENGTH } from '../../policy/rule-limits.ts';

/** A role, or why it is not one. */
export type ReadRole =
  | { readonly ok: true; readonly role: RoleArn }
  | ({ readonly ok: false } & Pick<Fault, 'problem' | 'remedy'>);

/**
 * Reads the name or the ARN of a role. The problem repeats nothing of it.
 * @param baseRoleArn prefix that completes a name
 */
export function readRole(given: string, baseRoleArn: string | undefined): ReadRole {
  if (given.length > ROLE_MAX_LENGTH) {
    return { ok: false, problem: `has more than ${ROLE_MAX_LENGTH} characters`, remedy: REMEDY };
  }
  const arn = completeRole(given, baseRoleArn);
  if (arn === undefined) {
    return {
      ok: false,
      problem: 'names a role without its account',
      remedy: 'write the ARN of the role, or start podrole docker with --base-role-arn',
    };
  }
  const role = parseRoleArn(arn);
  return role
    ? { ok: true, role }
    : { ok: false, problem: 'is not the name or ARN of a role', remedy: REMEDY };
}

const REMEDY = 'write the ARN of a role, such as arn:aws:iam::111122223333:role/web';
