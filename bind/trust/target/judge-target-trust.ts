import { asObject, asText } from '../../../lib/json/json.ts';
import type { Condition } from '../../../sts/policy-document.ts';
import { isAboutAction } from '../../../sts/trust-policy.ts';
import { readStatement } from '../covers-entry.ts';
import { statementsOf } from '../trust-policy-parts.ts';
import { deletedPrincipals, matchPrincipal, type PrincipalMatch } from './aws-principals.ts';
import { conditionHolds, type Holds, type TargetRequest } from './target-request.ts';
import {
  ASSUME_ACTION,
  EXTERNAL_ID_KEY,
  REQUEST_TAG_PREFIX,
  TAG_ACTION,
  targetActions,
} from './target-statement.ts';

/**
 * State of a target role's trust, from the view of the role that assumes it:
 *
 * - `trusts`: it lets in the sessions
 * - `restricted`: it does so under conditions that podrole cannot check
 * - `external id wrong`, `tags wrong`, `conditions fail`: it names the role under conditions that never hold
 * - `no TagSession`: it lets in the sessions, but without their tags
 * - `role deleted`: it names a role that was deleted since, and may have been created again
 * - `denied`: it has a Deny for the role
 * - `does not trust`: it does not name the role
 */
export type TargetTrust =
  | 'trusts'
  | 'restricted'
  | 'external id wrong'
  | 'tags wrong'
  | 'conditions fail'
  | 'no TagSession'
  | 'role deleted'
  | 'denied'
  | 'does not trust';

export interface TargetVerdict {
  readonly trust: TargetTrust;
  /** Conditions and statements that explain it. */
  readonly details: readonly string[];
  /** True if it lets in others than this ServiceAccount, who need no external id of this form. */
  readonly isOpen: boolean;
}

/** Decides whether the trust policy of a target role lets in what a pod sends. @param policy JSON value */
export function judgeTargetTrust(policy: unknown, request: TargetRequest): TargetVerdict {
  const statements = statementsOf(asObject(policy)).map((raw, at) => judgeStatement(raw, at, request));
  const decisions = targetActions(request.hasSessionTags).map((action) => decide(statements, action));
  const isOpen = statements.some(({ opens }) => opens);
  const denied = statements.filter(({ effect, holds }) => effect === 'Deny' && holds === 'yes');
  const verdict = (trust: TargetTrust, details: readonly string[] = []) => ({ trust, details, isOpen });
  if (decisions.every((decision) => decision === 'yes')) return verdict('trusts', openNotes(statements));
  if (denied.some(({ actions }) => actions.size > 0))
    return verdict(
      'denied',
      denied.map(({ name }) => `${name} denies it`),
    );
  if (!decisions.includes('no'))
    return verdict(
      'restricted',
      statements.flatMap(({ doubts }) => doubts),
    );
  const [ofAssume] = decisions;
  const named = statements.filter(
    ({ effect, principal, actions }) =>
      effect === 'Allow' &&
      principal !== 'none' &&
      actions.has(ofAssume === 'no' ? ASSUME_ACTION : TAG_ACTION),
  );
  const failed = named.flatMap((each) => each.failed);
  const details = named.flatMap(({ name, failed: conditions }) =>
    conditions.map((condition) => `${name}: ${describe(condition)}`),
  );
  if (failed.some(({ key }) => key.toLowerCase() === EXTERNAL_ID_KEY.toLowerCase()))
    return verdict('external id wrong', details);
  if (failed.some(({ key }) => key.toLowerCase().startsWith(REQUEST_TAG_PREFIX.toLowerCase())))
    return verdict('tags wrong', details);
  if (failed.length > 0) return verdict('conditions fail', details);
  if (ofAssume !== 'no') return verdict('no TagSession');
  const deleted = statementsOf(asObject(policy)).flatMap(deletedPrincipals);
  if (deleted.length > 0) return verdict('role deleted', [`names ${deleted.join(', ')}, a deleted role`]);
  return verdict('does not trust');
}

interface JudgedStatement {
  readonly name: string;
  readonly effect: 'Allow' | 'Deny';
  readonly principal: PrincipalMatch;
  /** Those of the session that it is about. */
  readonly actions: ReadonlySet<string>;
  /** Outcome of principal and conditions together. */
  readonly holds: Holds;
  readonly failed: readonly Condition[];
  readonly doubts: readonly string[];
  readonly opens: boolean;
}

function judgeStatement(raw: unknown, at: number, request: TargetRequest): JudgedStatement {
  const statement = readStatement(raw);
  const name = asText(asObject(raw)?.['Sid']) || `Statement[${at}]`;
  const principal = matchPrincipal(raw, request.roleArn);
  if (!statement) {
    const effect = asObject(raw)?.['Effect'] === 'Deny' ? 'Deny' : 'Allow';
    const doubts =
      principal === 'none' ? [] : [`${name} is not read: it has elements that podrole does not know`];
    const holds = principal === 'none' ? 'no' : 'unknown';
    const actions = new Set([ASSUME_ACTION, TAG_ACTION]);
    return { name, effect, principal, actions, holds, failed: [], doubts, opens: false };
  }
  const judged = statement.conditions.map((condition) => ({
    condition,
    holds: conditionHolds(condition, request),
  }));
  const having = (holds: Holds) => judged.flatMap((each) => (each.holds === holds ? [each.condition] : []));
  const failed = having('no');
  const doubts = [
    ...(principal === 'unclear' ? [`the principal of ${name} cannot be checked`] : []),
    ...having('unknown').map((condition) => `${name}: ${describe(condition)} cannot be checked`),
  ];
  const holds = principal === 'none' || failed.length > 0 ? 'no' : doubts.length > 0 ? 'unknown' : 'yes';
  const actions = new Set([ASSUME_ACTION, TAG_ACTION].filter((action) => isAboutAction(statement, action)));
  const { effect } = statement;
  const isWide = principal === 'account' || principal === 'everyone';
  const isNarrowed = statement.conditions.some(
    ({ key, operator }) =>
      /^(?:sts:externalid|aws:principalarn|aws:requesttag\/.*)$/i.test(key) &&
      !operator.comparison.includes('Not'),
  );
  const opens = effect === 'Allow' && actions.has(ASSUME_ACTION) && isWide && !isNarrowed;
  return {
    name,
    effect,
    principal,
    actions,
    holds,
    failed,
    doubts: holds === 'unknown' ? doubts : [],
    opens,
  };
}

function decide(statements: readonly JudgedStatement[], action: string): Holds {
  const about = statements.filter(({ actions }) => actions.has(action));
  const some = (effect: string, holds: Holds) =>
    about.some((each) => each.effect === effect && each.holds === holds);
  if (some('Deny', 'yes')) return 'no';
  if (some('Allow', 'yes')) return some('Deny', 'unknown') ? 'unknown' : 'yes';
  return some('Allow', 'unknown') ? 'unknown' : 'no';
}

function openNotes(statements: readonly JudgedStatement[]): readonly string[] {
  return statements
    .filter(({ opens }) => opens)
    .map(({ name, principal }) =>
      principal === 'everyone'
        ? `${name} lets in every role of every account`
        : `${name} lets in every role of the account that has the right`,
    );
}

function describe({ operator, key, expected }: Condition): string {
  return `${operator.name} ${key} ${expected.map((value) => JSON.stringify(value)).join(' or ')}`;
}
