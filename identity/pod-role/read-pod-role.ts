import { composeRoleArn, parseRoleArn, partitionOfRegion } from '../../lib/arn.ts';
import type { JsonObject } from '../../lib/json/json.ts';
import { completeRole, isArn, roleArnOf } from '../../policy/complete-role.ts';
import type { PolicySettings } from '../../policy/settings.ts';
import { THIS_POD } from '../annotated.ts';
import { ROLE_ARN_MAX_LENGTH } from '../annotations/service-account-annotations.ts';
import { type PodRole, type RoleSettings, readRole } from '../roles.ts';
import { warningLine } from '../warning.ts';

/** Settings that decide which role the annotation of a pod names. */
export type PodRoleSettings = Omit<RoleSettings, 'annotationPrefix'> &
  Partial<Pick<PolicySettings, 'podRoleAnnotation' | 'baseRoleArn'>>;

/**
 * Reads the annotation by which a pod names its role.
 * @returns undefined if pods cannot name a role, or if this one names none; an empty value counts as absent
 */
export function readPodRole(pod: JsonObject, settings: PodRoleSettings): PodRole | undefined {
  const { podRoleAnnotation: key } = settings;
  if (key === undefined || !Object.hasOwn(pod, key)) return undefined;
  const given = pod[key];
  // The API server stores null as an empty string.
  if (given === '' || given === null) return undefined;
  if (typeof given !== 'string') {
    return withoutRole(key, 'is not a string, and no role was injected', 'write its value in quotes');
  }
  if (given.length > ROLE_ARN_MAX_LENGTH) {
    const excess = `has more than ${ROLE_ARN_MAX_LENGTH} characters`;
    return withoutRole(key, `${excess}, and no role was injected`, 'write a role name or ARN');
  }
  const place = { object: THIS_POD, origin: `annotation ${key}`, given };
  const base = baseRoleArnOf(settings);
  const read = readRole(place, completeRole(given, base) ?? given, remedyOf(given, base));
  return { key, given, ...read };
}

function withoutRole(key: string, problem: string, remedy: string): PodRole {
  const warning = warningLine({ object: THIS_POD, problem: `annotation ${key} ${problem}`, remedy });
  return { key, given: '', roleArn: undefined, warnings: [warning] };
}

/** Returns the role that the annotation of a pod means: an ARN, or a name; undefined if it cannot be one. */
export function podRoleArn(given: string, settings: BaseRoleArnSettings): string | undefined {
  return roleArnOf(given, baseRoleArnOf(settings));
}

/** Settings that complete the name of a role. */
type BaseRoleArnSettings = Omit<PodRoleSettings, 'podRoleAnnotation'>;

/**
 * Returns the beginning of the ARN of a role that is only named: `--base-role-arn`, or the account of
 * `--compose-role-arn`; undefined if there is neither.
 */
export function baseRoleArnOf(settings: BaseRoleArnSettings): string | undefined {
  const { baseRoleArn, composeRoleArn: composes, accountId } = settings;
  if (baseRoleArn !== undefined || !composes || accountId === undefined) return baseRoleArn;
  return composeRoleArn('', accountId, settings.partition || partitionOfRegion(settings.awsDefaultRegion));
}

function remedyOf(given: string, base: string | undefined): string {
  const trimmed = given.trim();
  if (trimmed !== given && parseRoleArn(completeRole(trimmed, base) ?? trimmed)) {
    return 'remove the white space around it';
  }
  return base === undefined && !isArn(given)
    ? 'write arn:aws:iam::ACCOUNT:role/NAME, or set --base-role-arn'
    : 'write a role name or arn:aws:iam::ACCOUNT:role/NAME';
}
