import { asArray, asObject } from '../../../lib/json/json.ts';

/** Principal of a statement, from the view of one role. */
export type PrincipalMatch =
  /** Names the role by its ARN. */
  | 'role'
  /** Names the whole account of the role: its own policies decide then. */
  | 'account'
  /** Names everyone. */
  | 'everyone'
  /** Cannot be decided here: NotPrincipal, or single sessions of the role. */
  | 'unclear'
  /** Names none of these. */
  | 'none';

/** ID that IAM writes in place of the ARN of a role that was deleted. [iam] "Principal", "Role principals" */
const ROLE_ID = /^AROA[A-Z0-9]{12,}$/;

/** Returns the AWS principals that a statement names. */
export function awsPrincipalsOf(statement: unknown): readonly string[] {
  const principal = asObject(statement)?.['Principal'];
  if (principal === '*') return ['*'];
  const named = asObject(principal)?.['AWS'];
  return (asArray(named) ?? [named]).filter((each) => typeof each === 'string');
}

/** Returns whether, and how, a statement names a role. @param roleArn `arn:PARTITION:iam::ACCOUNT:role/…` */
export function matchPrincipal(statement: unknown, roleArn: string): PrincipalMatch {
  if (asObject(statement)?.['NotPrincipal'] !== undefined) return 'unclear';
  const [, partition = '', account = ''] = /^arn:([\w-]+):iam::([\w.-]*):/.exec(roleArn) ?? [];
  const session = `arn:${partition}:sts::${account}:assumed-role/${roleArn.slice(roleArn.lastIndexOf('/') + 1)}/`;
  const named = awsPrincipalsOf(statement);
  if (named.includes(roleArn)) return 'role';
  if (named.includes('*')) return 'everyone';
  if (named.some((each) => each === account || each === `arn:${partition}:iam::${account}:root`))
    return 'account';
  return named.some((each) => each.startsWith(session)) ? 'unclear' : 'none';
}

/** Returns the IDs of deleted roles that a statement names. */
export function deletedPrincipals(statement: unknown): readonly string[] {
  return awsPrincipalsOf(statement).filter((each) => ROLE_ID.test(each));
}
