import { type Fault, throwIfAny } from '../lib/errors.ts';
import { asArray, asObject, type JsonObject } from '../lib/json/json.ts';
import { globMatches } from '../lib/text/glob.ts';
import { parseTrustPolicy, type Statement } from './policy-document.ts';
import { evaluateTrustPolicy, isAboutAction, type TrustDecision, type TrustRequest } from './trust-policy.ts';

/** Statement of a policy of a role, as far as it is about assuming other roles. */
interface IdentityStatement {
  readonly statement: Statement;
  /** Patterns of ARNs. */
  readonly resources: readonly string[];
  /** `NotResource`: every resource but these. */
  readonly isNotResource: boolean;
}

export type IdentityPolicy = readonly IdentityStatement[];

const ACTIONS = ['sts:AssumeRole', 'sts:TagSession'];
const MAX_RESOURCE_LENGTH = 2_048;

/**
 * Validates a policy of a role. Only what it says about assuming roles is read: the rest is for other
 * services, whose condition keys podrole does not know.
 * @param object its name in faults
 * @throws PodroleError `INVALID_TRUST_POLICY` with every fault
 */
export function parseIdentityPolicy(document: unknown, object: string): IdentityPolicy {
  const given = asObject(document)?.['Statement'];
  const statements = asArray(given) ?? [given];
  return statements.flatMap((item, at) => parseStatement(item, `${object} Statement[${at}]`));
}

function parseStatement(value: unknown, object: string): IdentityPolicy {
  const { Resource, NotResource, ...others } = asObject(value) ?? {};
  const faults: Fault[] = [];
  const given = Resource ?? NotResource;
  const resources = asArray(given) ?? [given];
  if ((Resource === undefined) === (NotResource === undefined) || !resources.every(isResource)) {
    const problem = 'needs either Resource or NotResource, as a string or a list of strings';
    faults.push({ code: 'INVALID_TRUST_POLICY', object, problem, remedy: 'correct it, as IAM requires' });
  }
  throwIfAny(faults);
  if (!isAboutAssuming(others)) return [];
  // A policy of a role has no principal: it is for that role.
  const { statements } = parseTrustPolicy({ Statement: { ...others, Principal: '*' } }, object);
  const isNotResource = NotResource !== undefined;
  return statements.map((statement) => ({ statement, resources: resources.map(String), isNotResource }));
}

function isResource(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_RESOURCE_LENGTH;
}

/** A malformed statement is too, so that it is reported. */
function isAboutAssuming({ Action, NotAction }: JsonObject): boolean {
  if ((Action === undefined) === (NotAction === undefined)) return true;
  const given = Action ?? NotAction;
  const actions = (asArray(given) ?? [given]).map(String);
  return ACTIONS.some((action) => isAboutAction({ actions, isNotAction: NotAction !== undefined }, action));
}

/** Decides whether the policy of a role allows it an action on a resource. */
export function evaluateIdentityPolicy(
  policy: IdentityPolicy,
  resource: string,
  request: TrustRequest,
): TrustDecision {
  const matches = (pattern: string) => globMatches(pattern, resource);
  const statements = policy
    .filter(({ resources, isNotResource }) => resources.some(matches) !== isNotResource)
    .map(({ statement }) => statement);
  return evaluateTrustPolicy({ statements }, request);
}
