import { IAM_ROLE } from '../lib/contract/iam.ts';
import { type Fault, throwIfAny } from '../lib/errors.ts';
import { asArray, asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { type ConditionOperator, operandProblem, parseOperator } from './condition-operator.ts';

/** One `operator: {key: values}` of a statement. */
export interface Condition {
  readonly operator: ConditionOperator;
  readonly key: string;
  readonly expected: readonly string[];
}

export interface Statement {
  /** `Sid`, or `Statement[N]` if it has none. */
  readonly name: string;
  readonly effect: 'Allow' | 'Deny';
  /** ARNs of the federated principals, which present a web identity; `*` for everyone. */
  readonly federated: readonly string[] | '*';
  /** Principals of kind AWS, which sign: ARNs of roles, sessions and users, accounts; `*` for everyone. */
  readonly aws: readonly string[] | '*';
  /** `NotPrincipal`: everyone but these. */
  readonly isNotPrincipal: boolean;
  /** May contain the wildcards `*` and `?`. */
  readonly actions: readonly string[];
  /** `NotAction`: every action but these. */
  readonly isNotAction: boolean;
  readonly conditions: readonly Condition[];
}

/** A role's trust policy, validated. */
export interface TrustPolicy {
  readonly statements: readonly Statement[];
}

const VERSIONS = ['2012-10-17', '2008-10-17'];
const POLICY_MEMBERS = new Set(['Version', 'Id', 'Statement']);
const STATEMENT_MEMBERS = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Condition',
]);
const PRINCIPAL_KINDS = new Set(['Federated', 'AWS', 'Service', 'CanonicalUser']);
const PRINCIPAL_EXAMPLE = '{"Federated": "arn:…:oidc-provider/HOST/PATH"}';
/** IAM refuses others: "Actions must be prefaced by a vendor". */
const ACTION = /^(?:\*|[^\s:]+:[^\s:]+)$/;
/**
 * The highest quota for a whole trust policy. It bounds the cost of matching a value. [iam] "IAM and STS
 * quotas"
 */
const VALUE_MAX_LENGTH = 2 * IAM_ROLE.maxTrustPolicyLength;
/** Keys of the request. trust-policy.ts evaluates those whose values it is given. */
const REQUEST_KEY = /^(?:aws|sts):\S/i;
/** `HOST/PATH:claim` for the claims that IAM maps to keys. [iam] "Keys for AWS OIDC federation" */
const TOKEN_KEY = /^(?!(?:aws|sts|iam|saml):)[^\s:]+:(?:aud|oaud|sub|amr|email)$/i;

/** True for the condition key of a claim, which is absent from the request if the token lacks the claim. */
export function isTokenKey(key: string): boolean {
  return TOKEN_KEY.test(key);
}

/**
 * Validates a trust policy: Statement as object or list, Action and condition values as string or list,
 * Version optional. Anything that podrole cannot read as IAM does is a fault; nothing is ignored. What it
 * reads but cannot evaluate, such as a source address, is left to evaluateTrustPolicy.
 * @param object its name in faults: `role arn:…`, a file
 * @throws PodroleError `INVALID_TRUST_POLICY` with every fault
 */
export function parseTrustPolicy(document: unknown, object = 'trust policy'): TrustPolicy {
  const faults: Fault[] = [];
  const report: Report = (path, problem, remedy = 'see "IAM JSON policy elements" in the IAM User Guide') =>
    faults.push({ code: 'INVALID_TRUST_POLICY', object: `${object} ${path}`.trim(), problem, remedy });
  const policy = asObject(document);
  if (!policy) report('', 'is not a JSON object');
  const version = policy?.['Version'];
  if (version !== undefined && !VERSIONS.some((known) => known === version)) {
    report('Version', `is not ${VERSIONS.join(' or ')}`);
  }
  for (const member of Object.keys(policy ?? {})) {
    if (!POLICY_MEMBERS.has(member)) report(member, 'is not a member of a policy');
  }
  const given = policy?.['Statement'];
  const list = asArray(given) ?? (given === undefined ? [] : [given]);
  if (policy && list.length === 0) report('Statement', 'is missing or empty');
  const statements = list.map((item, index) => parseStatement(item, `Statement[${index}]`, report));
  throwIfAny(faults);
  return { statements };
}

type Report = (path: string, problem: string, remedy?: string) => void;

function parseStatement(value: unknown, path: string, report: Report): Statement {
  const statement = asObject(value);
  if (!statement) report(path, 'is not an object');
  const { Sid, Effect, Principal, NotPrincipal, Action, NotAction, Condition } = statement ?? {};
  for (const member of Object.keys(statement ?? {})) {
    if (!STATEMENT_MEMBERS.has(member))
      report(`${path}.${member}`, 'is not supported in a trust policy here');
  }
  if (statement && Effect !== 'Allow' && Effect !== 'Deny') report(`${path}.Effect`, 'is not Allow or Deny');
  const ofPrincipal = oneOf({ Principal, NotPrincipal }, path, statement ? report : () => {});
  const ofAction = oneOf({ Action, NotAction }, path, statement ? report : () => {});
  return {
    name: asText(Sid) || path,
    effect: Effect === 'Deny' ? 'Deny' : 'Allow',
    ...parsePrincipal(ofPrincipal.value, ofPrincipal.path, report),
    isNotPrincipal: NotPrincipal !== undefined,
    actions: ofAction.value === undefined ? [] : parseActions(ofAction.value, ofAction.path, report),
    isNotAction: NotAction !== undefined,
    conditions: parseConditions(Condition, `${path}.Condition`, report),
  };
}

/** A statement has either an element or its negation. [iam] "Grammar of the JSON policy language" */
function oneOf(
  pair: Readonly<Record<string, unknown>>,
  path: string,
  report: Report,
): { readonly path: string; readonly value: unknown } {
  const [[plain = ''] = []] = Object.entries(pair);
  const [first, second] = Object.entries(pair).filter(([, value]) => value !== undefined);
  if (second) report(`${path}.${second[0]}`, `excludes ${plain}`, 'leave one of them out');
  if (!first) report(`${path}.${plain}`, 'is missing');
  return { path: `${path}.${first?.[0] ?? plain}`, value: first?.[1] };
}

function parseActions(value: unknown, path: string, report: Report): readonly string[] {
  const actions = texts(value, path, report);
  for (const action of actions) {
    if (!ACTION.test(action))
      report(path, `contains ${JSON.stringify(action)}, which is not SERVICE:ACTION or *`);
  }
  return actions;
}

/**
 * Returns the principals that podrole knows. `*` and `{"AWS": "*"}` are the same. [iam] "Principal", "All
 * principals". An object that names nobody is refused, as by IAM (MalformedPolicyDocument).
 */
function parsePrincipal(value: unknown, path: string, report: Report): Pick<Statement, 'federated' | 'aws'> {
  if (value === undefined) return { federated: [], aws: [] };
  if (value === '*') return { federated: '*', aws: '*' };
  const principal = asObject(value);
  if (!principal) report(path, 'is not * or an object', `write ${PRINCIPAL_EXAMPLE}`);
  const kinds = Object.entries(principal ?? {}).map(([kind, names]) => {
    const at = `${path}.${kind}`;
    if (!PRINCIPAL_KINDS.has(kind)) report(at, 'is not a kind of principal');
    const principals = texts(names, at, report);
    if (principals.includes('')) report(at, 'contains an empty name');
    return [kind, principals] as const;
  });
  if (principal && kinds.length === 0) report(path, 'names nobody', `write ${PRINCIPAL_EXAMPLE}`);
  const { AWS = [], Federated = [] } = Object.fromEntries(kinds);
  const isEveryone = AWS.includes('*');
  return {
    federated: isEveryone || Federated.includes('*') ? '*' : Federated,
    aws: isEveryone ? '*' : AWS,
  };
}

function parseConditions(value: unknown, path: string, report: Report): readonly Condition[] {
  if (value === undefined) return [];
  const block = asObject(value);
  if (!block) report(path, 'is not an object');
  return Object.entries(block ?? {}).flatMap(([name, keys]) =>
    parseOperatorBlock(name, asObject(keys), `${path}.${name}`, report),
  );
}

function parseOperatorBlock(
  name: string,
  keys: JsonObject | undefined,
  path: string,
  report: Report,
): readonly Condition[] {
  const operator = parseOperator(name);
  if (!operator)
    report(path, 'is not a condition operator', 'see "Condition operators" in the IAM User Guide');
  if (!keys) report(path, 'is not an object of condition keys');
  return Object.entries(keys ?? {}).flatMap(([key, values]) => {
    const at = `${path}.${key}`;
    if (!isTokenKey(key) && !REQUEST_KEY.test(key)) {
      report(
        at,
        'is not a condition key that podrole knows',
        'write HOST/PATH:sub, :aud or :amr, where HOST/PATH is the issuer without https://',
      );
    }
    const expected = texts(values, at, report);
    for (const text of expected) {
      const problem = operator && !hasVariable(text) ? operandProblem(operator, text) : undefined;
      if (problem) report(at, problem);
    }
    return operator ? [{ operator, key, expected }] : [];
  });
}

/** True for a value with a policy variable, which IAM replaces by a value of the request. */
export function hasVariable(text: string): boolean {
  return text.includes('${');
}

/** Returns the values as strings. IAM accepts booleans and numbers too. */
function texts(value: unknown, path: string, report: Report): readonly string[] {
  const items = asArray(value) ?? [value];
  if (items.length === 0) report(path, 'is empty');
  return items.map((item) => {
    if (typeof item !== 'string' && typeof item !== 'boolean' && typeof item !== 'number') {
      report(path, 'is neither a string nor a list of strings');
    }
    const text = String(item);
    if (text.length > VALUE_MAX_LENGTH)
      report(path, `is longer than the ${VALUE_MAX_LENGTH} characters of a policy`);
    return text;
  });
}
