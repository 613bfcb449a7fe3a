import { globMatches } from '../lib/text/glob.ts';
import { isEvaluated, operatorHolds } from './condition-operator.ts';
import {
  type Condition,
  hasVariable,
  isTokenKey,
  type Statement,
  type TrustPolicy,
} from './policy-document.ts';

/** Caller of an action, by each name that a policy may give it. */
type TrustCaller =
  | {
      /** ARN of the OIDC provider that vouches for the token. */
      readonly federatedPrincipal: string;
      readonly awsPrincipals?: never;
    }
  | {
      readonly federatedPrincipal?: never;
      /** ARNs of the session that signed, of its role and of its account, and the account. */
      readonly awsPrincipals: readonly string[];
    };

export type TrustRequest = TrustCaller & {
  /** `sts:AssumeRoleWithWebIdentity`. */
  readonly action: string;
  /**
   * Condition keys in any case and their values. A claim that is not here is absent from the token. Any
   * other key that is not here, such as `aws:SourceIp`, is unknown.
   */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
  /** Further keys that are absent from the request if they are not here, by their names in lower case. */
  readonly isComplete?: (key: string) => boolean;
};

/** `restricted`: it depends on a condition that cannot be evaluated from this request. */
export type Outcome = 'yes' | 'no' | 'restricted';

export interface ConditionResult {
  readonly operator: string;
  readonly key: string;
  readonly expected: readonly string[];
  /** Undefined if the request lacks the key. */
  readonly actual: readonly string[] | undefined;
  readonly outcome: Outcome;
}

export interface StatementResult {
  /** `Sid`, or `Statement[N]`. */
  readonly name: string;
  readonly effect: 'Allow' | 'Deny';
  /** The statement applies to the request. */
  readonly outcome: Outcome;
  /** Every condition, including those after the first that failed. */
  readonly conditions: readonly ConditionResult[];
  /** Reason for the outcome, in a few words. */
  readonly reason: string;
}

export interface TrustDecision {
  /** A verifier lets in `yes` alone. */
  readonly outcome: Outcome;
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
  return { outcome: outcomeOf(statements), statements };
}

/** Joins the outcomes of all statements of a policy, whoever evaluated them. */
export function outcomeOf(statements: readonly Pick<StatementResult, 'effect' | 'outcome'>[]): Outcome {
  const some = (effect: string, outcome: Outcome) =>
    statements.some((found) => found.effect === effect && found.outcome === outcome);
  if (some('Deny', 'yes') || !(some('Allow', 'yes') || some('Allow', 'restricted'))) return 'no';
  return some('Allow', 'yes') && !some('Deny', 'restricted') ? 'yes' : 'restricted';
}

const VERBS = { yes: 'matches', no: 'does not match', restricted: 'may match' } as const;

/**
 * Renders a decision: the verdict, then one line per statement, and below it each condition that does not
 * hold or is unknown.
 */
export function describeDecision({ outcome, statements }: TrustDecision): string {
  const lines = statements.flatMap(({ name, effect, outcome: found, reason, conditions }) => [
    `${name} (${effect}) ${VERBS[found]}: ${reason}`,
    ...conditions
      .filter((condition) => condition.outcome !== 'yes')
      .map((condition) => `  ${describeCondition(condition)}`),
  ]);
  return [describeVerdict(outcome, statements), ...lines].join('\n');
}

function describeVerdict(outcome: Outcome, statements: readonly StatementResult[]): string {
  if (outcome === 'yes') return 'allowed';
  if (outcome === 'restricted') return 'restricted by conditions that cannot be checked here';
  const deny = statements.find((found) => found.outcome === 'yes' && found.effect === 'Deny');
  return deny ? `denied by ${deny.name}` : 'denied: no Allow statement matches';
}

/** Describes a condition in a line: what the policy expects, and what the request has. */
export function describeCondition({ operator, key, expected, actual, outcome }: ConditionResult): string {
  const ofRequest = actual === undefined ? 'the request has no such key' : `actual ${quote(actual)}`;
  const found = outcome === 'restricted' ? 'which cannot be checked here' : ofRequest;
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
  const conditions = statement.conditions.map((condition) => evaluateCondition(condition, values, request));
  const count = (outcome: Outcome) => conditions.filter((condition) => condition.outcome === outcome).length;
  const failed = count('no');
  const unknown = count('restricted');
  const { isNotPrincipal } = statement;
  const mismatch =
    principalMismatch(statement, request) ??
    actionMismatch(statement, request.action) ??
    (failed > 0 ? `${failed} of ${conditions.length} conditions failed` : undefined);
  const result = { name, effect, conditions };
  if (mismatch !== undefined) return { ...result, outcome: 'no', reason: mismatch };
  // IAM also compares the account of the principal, and for sessions the role. [iam] "NotPrincipal"
  if (isNotPrincipal)
    return { ...result, outcome: 'restricted', reason: 'its NotPrincipal cannot be checked here' };
  if (unknown === 0)
    return { ...result, outcome: 'yes', reason: 'principal, action and every condition match' };
  const reason = `${unknown} of ${conditions.length} conditions cannot be checked here`;
  return { ...result, outcome: 'restricted', reason };
}

function principalMismatch(statement: Statement, request: TrustRequest): string | undefined {
  const { isNotPrincipal } = statement;
  const isToken = request.federatedPrincipal !== undefined;
  const named = isToken ? statement.federated : statement.aws;
  const callers = isToken ? [request.federatedPrincipal] : request.awsPrincipals;
  const isNamed = named === '*' || callers.some((caller) => named.includes(caller));
  if (isNamed !== isNotPrincipal) return undefined;
  if (isNotPrincipal) return `it excludes ${quote(callers)}`;
  if (named.length === 0 || named === '*')
    return `it names no ${isToken ? 'federated principal' : 'principal of kind AWS'}`;
  return `its principal is ${quote(named)}, the ${isToken ? "token's" : "caller's"} is ${quote(callers)}`;
}

/** Actions are case-insensitive. [iam] "Action" */
function actionMismatch({ actions, isNotAction }: Statement, action: string): string | undefined {
  if (isAboutAction({ actions, isNotAction }, action)) return undefined;
  return isNotAction
    ? `it excludes ${quote(actions)}, the call is ${action}`
    : `its action is ${quote(actions)}, the call is ${action}`;
}

/** True if a statement is about an action, by its Action or NotAction. */
export function isAboutAction(
  { actions, isNotAction }: Pick<Statement, 'actions' | 'isNotAction'>,
  action: string,
): boolean {
  const wanted = action.toLowerCase();
  return actions.some((pattern) => globMatches(pattern.toLowerCase(), wanted)) !== isNotAction;
}

function evaluateCondition(
  { operator, key, expected }: Condition,
  values: ContextValues,
  { isComplete = () => false }: TrustRequest,
): ConditionResult {
  const actual = values.get(key.toLowerCase());
  const result = { operator: operator.name, key, expected, actual };
  const isAbsent = isTokenKey(key) || isComplete(key.toLowerCase());
  const isUnknown =
    !isEvaluated(operator) || expected.some(hasVariable) || (actual === undefined && !isAbsent);
  if (isUnknown) return { ...result, outcome: 'restricted' };
  return { ...result, outcome: operatorHolds(operator, expected, actual) ? 'yes' : 'no' };
}
