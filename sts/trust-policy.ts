import { globMatches } from '../lib/text/glob.ts';
import { operatorHolds } from './condition-operator.ts';
import type { Condition, Statement, TrustPolicy } from './policy-document.ts';

export interface TrustRequest {
  /** `sts:AssumeRoleWithWebIdentity`. */
  readonly action: string;
  /** ARN of the OIDC provider that vouches for the token. */
  readonly federatedPrincipal: string;
  /** Condition keys in any case and their values. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

export interface ConditionResult {
  readonly operator: string;
  readonly key: string;
  readonly expected: readonly string[];
  /** Undefined if the request lacks the key. */
  readonly actual: readonly string[] | undefined;
  readonly matched: boolean;
}

export interface StatementResult {
  /** `Sid`, or `Statement[N]`. */
  readonly name: string;
  readonly effect: 'Allow' | 'Deny';
  readonly matched: boolean;
  /** Every condition, including those after the first that failed. */
  readonly conditions: readonly ConditionResult[];
  /** Reason for the match or mismatch, in a few words. */
  readonly reason: string;
}

export interface TrustDecision {
  readonly allowed: boolean;
  readonly statements: readonly StatementResult[];
}

/**
 * Decides whether a trust policy admits a request: a matching Allow and no matching Deny. [iam] "Policy
 * evaluation logic"
 */
export function evaluateTrustPolicy(policy: TrustPolicy, request: TrustRequest): TrustDecision {
  const values = new Map(
    Object.entries(request.context).map(([key, value]) => [
      key.toLowerCase(),
      typeof value === 'string' ? [value] : value,
    ]),
  );
  const statements = policy.statements.map((statement) => evaluateStatement(statement, request, values));
  const matched = (effect: string) => statements.some((found) => found.matched && found.effect === effect);
  return { allowed: matched('Allow') && !matched('Deny'), statements };
}

/** Renders a decision: the verdict, then one line per statement, and below it each condition that failed. */
export function describeDecision({ allowed, statements }: TrustDecision): string {
  const deny = statements.find(({ matched, effect }) => matched && effect === 'Deny');
  const verdict = allowed
    ? 'allowed'
    : deny
      ? `denied by ${deny.name}`
      : 'denied: no Allow statement matches';
  const lines = statements.flatMap(({ name, effect, matched, reason, conditions }) => [
    `${name} (${effect}) ${matched ? 'matches' : 'does not match'}: ${reason}`,
    ...conditions
      .filter((condition) => !condition.matched)
      .map((condition) => `  ${describeCondition(condition)}`),
  ]);
  return [verdict, ...lines].join('\n');
}

function describeCondition({ operator, key, expected, actual }: ConditionResult): string {
  const found = actual === undefined ? 'the request has no such key' : `actual ${quote(actual)}`;
  return `${operator} ${key}: expected ${quote(expected)}, ${found}`;
}

function quote(values: readonly string[]): string {
  return values.map((value) => JSON.stringify(value)).join(' or ');
}

type ContextValues = ReadonlyMap<string, readonly string[]>;

function evaluateStatement(
  statement: Statement,
  request: TrustRequest,
  values: ContextValues,
): StatementResult {
  const { name, effect } = statement;
  const conditions = statement.conditions.map((condition) => evaluateCondition(condition, values));
  const failed = conditions.filter(({ matched }) => !matched).length;
  const mismatch =
    principalMismatch(statement, request.federatedPrincipal) ??
    actionMismatch(statement, request.action) ??
    (failed > 0 ? `${failed} of ${conditions.length} conditions failed` : undefined);
  return {
    name,
    effect,
    matched: mismatch === undefined,
    conditions,
    reason: mismatch ?? 'principal, action and every condition match',
  };
}

function principalMismatch({ federated }: Statement, provider: string): string | undefined {
  if (federated === '*' || federated.includes(provider)) return undefined;
  return federated.length === 0
    ? 'it names no federated principal'
    : `its principal is ${quote(federated)}, the token's is ${quote([provider])}`;
}

/** Actions are case-insensitive. [iam] "Action" */
function actionMismatch({ actions }: Statement, action: string): string | undefined {
  const wanted = action.toLowerCase();
  return actions.some((pattern) => globMatches(pattern.toLowerCase(), wanted))
    ? undefined
    : `its action is ${quote(actions)}, the call is ${action}`;
}

function evaluateCondition({ operator, key, expected }: Condition, values: ContextValues): ConditionResult {
  const actual = values.get(key.toLowerCase());
  const matched = operatorHolds(operator, expected, actual);
  return { operator: operator.name, key, expected, actual, matched };
}
