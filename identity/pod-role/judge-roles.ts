import { describeFault } from '../../lib/errors.ts';
import { judgeRole, type RoleRules } from '../../policy/judge-role.ts';
import type { Refusal, RoleUse } from '../../policy/role-use.ts';
import type { NamedRole } from '../roles.ts';
import { warningLine } from '../warning.ts';

export interface JudgedInput {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Absent if no rules are in use: then only a role that a pod names is refused. */
  readonly rules: RoleRules | undefined;
  readonly mode: 'audit' | 'warn' | 'enforce';
}

/** A role that a rule refuses, whether the pod gets it or not. */
export interface RefusedRole extends Refusal {
  readonly use: RoleUse;
}

export interface Judgement {
  readonly refusals: readonly RefusedRole[];
  readonly warnings: readonly string[];
  /** Reason, in one line, why the pod must be refused. */
  readonly denial?: string;
  /** True if the pod gets no role at all. */
  readonly isWithheld: boolean;
}

const NO_RULES: RoleRules = { namespace: undefined, policy: undefined, allowedRolesFormat: 'glob' };

/** Judges the roles that a pod is about to get. */
export function judgeRoles(named: readonly NamedRole[], input: JudgedInput): Judgement {
  const refused = named.flatMap((role) => {
    const use = useOf(role, input);
    const isJudged = input.rules !== undefined || role.namedBy === 'pod';
    const refusal = isJudged ? judgeRole(use, input.rules ?? NO_RULES) : undefined;
    return refusal ? [{ role, refusal: { ...refusal, use } }] : [];
  });
  const refusals = refused.map(({ refusal }) => refusal);
  const [first] = refused;
  if (first && input.mode === 'enforce') {
    const denial = denialOf(first.role, first.refusal, refused.length - 1);
    return { refusals, warnings: [], denial, isWithheld: true };
  }
  const isWithheld = refused.some(({ role }) => role.namedBy === 'pod');
  // Then those of the ServiceAccount are not given either.
  const told = refused.filter(({ role }) => role.namedBy === 'pod' || (input.mode === 'warn' && !isWithheld));
  return { refusals, warnings: told.map(({ role, refusal }) => warningOf(role, refusal)), isWithheld };
}

function useOf({ given, roleArn, namedBy }: NamedRole, { namespace, serviceAccount }: JudgedInput): RoleUse {
  return { namespace, serviceAccount, given, roleArn, namedBy };
}

function warningOf({ object, origin, namedBy }: NamedRole, refusal: Refusal): string {
  const effect = namedBy === 'pod' ? 'gives no role' : 'gives a role that is refused';
  const problem = `${origin} ${effect}: ${refusal.object} ${refusal.problem}`;
  return warningLine({ object, problem, remedy: refusal.remedy });
}

function denialOf({ object, origin }: NamedRole, refusal: Refusal, others: number): string {
  const problem = `${origin} names a role that is refused (${refusal.rule}): ${refusal.object} ${refusal.problem}`;
  const more = others > 0 ? `; ${others} more ${others === 1 ? 'role is' : 'roles are'} refused` : '';
  return `podrole: ${describeFault({ object, problem, remedy: refusal.remedy })}${more}`;
}
