import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import { asText, type JsonObject } from '../lib/json/json.ts';
import { parseGoBool } from '../lib/text/go-values.ts';
import type { Annotated } from './annotated.ts';
import { completeRoleArn, type NamedRole, type RoleSettings, type Roles, readRole } from './roles.ts';
import { quote, warningLine } from './warning.ts';

const { targetRoleArn: TARGET, sessionTags: TAGS } = PODROLE_ANNOTATION;

/**
 * Returns the roles with the one that the role of the pod assumes, which is judged like any other. A
 * malformed target leaves the pod without its role: with the one that was to assume the target, its programs
 * would work on the wrong account.
 */
export function withTarget(
  roles: Roles,
  { object, own }: Pick<Annotated, 'object' | 'own'>,
  settings: RoleSettings,
): Roles {
  const { role, named } = roles;
  const given = own[TARGET] || undefined;
  if (given === undefined) {
    return own[TAGS] === undefined ? roles : withWarnings(roles, [withoutTarget(object)]);
  }
  if (!role) return withWarnings(roles, [targetWithoutRole(object)]);
  const place = { object, origin: `annotation ${TARGET}`, given };
  const { roleArn, warnings } = readRole(place, completeRoleArn(given, settings), REMEDY);
  if (roleArn === undefined) {
    const others = named.filter((one) => one !== named[0]);
    return withWarnings({ ...roles, role: undefined, named: others }, warnings);
  }
  const judged: NamedRole = { ...place, roleArn, namedBy: 'service-account' };
  const result = {
    ...roles,
    role: { ...role, target: { roleArn, hasSessionTags: hasSessionTags(own) } },
    named: [...named, judged],
  };
  return withWarnings(result, [...warnings, ...sessionTagsWarnings(object, own[TAGS])]);
}

const REMEDY = 'write arn:aws:iam::ACCOUNT:role/NAME; until then the pod gets no role';

function withWarnings(roles: Roles, warnings: readonly string[]): Roles {
  return { ...roles, warnings: [...roles.warnings, ...warnings] };
}

/**
 * Returns true unless the annotation of a ServiceAccount switches the session tags off: a policy may depend
 * on them. If a malformed value was to switch them off, STS refuses the session, and grants nothing too much.
 */
export function hasSessionTags(annotations: JsonObject): boolean {
  return parseGoBool(asText(annotations[TAGS]) ?? '') ?? true;
}

function sessionTagsWarnings(object: string, given: string | undefined): readonly string[] {
  if (given === undefined || parseGoBool(given) !== undefined) return [];
  const problem = `annotation ${TAGS} is ${quote(given)} and has no effect`;
  return [warningLine({ object, problem, remedy: 'write true or false' })];
}

function withoutTarget(object: string): string {
  const problem = `annotation ${TAGS} has no effect without ${TARGET}`;
  return warningLine({ object, problem, remedy: 'remove it, or add the target role' });
}

/** Returns the warning for a target role that no role assumes. */
export function targetWithoutRole(object: string): string {
  const problem = `annotation ${TARGET} has no effect, since no role of the whole pod assumes it`;
  return warningLine({ object, problem, remedy: 'add a role-arn annotation' });
}

/** Returns the warning for a pod that asks for a target role, and for nothing that can assume it. */
export function unservedTarget(object: string): string {
  const problem = `annotation ${TARGET} needs a sidecar or the agent, so the pod got no role`;
  return warningLine({ object, problem, remedy: `set ${PODROLE_ANNOTATION.sidecar} too` });
}

/** Returns the warning for a target role beside EKS Pod Identity, which has target roles of its own. */
export function targetBesideEks(object: string): string {
  const problem = `annotation ${TARGET} has no effect, since EKS Pod Identity gives the pod its role`;
  return warningLine({ object, problem, remedy: 'set the target role of the pod identity association' });
}
