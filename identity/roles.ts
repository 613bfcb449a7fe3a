import { composeRoleArn, oddityOf, parseRoleArn, partitionOfRegion } from '../lib/arn.ts';
import { annotationKey, WEB_IDENTITY_TOKEN_PATH, WEB_IDENTITY_VOLUME } from '../lib/contract/aws-webhook.ts';
import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import type { RoleUse } from '../policy/role-use.ts';
import { THIS_POD } from './annotated.ts';
import { containerVolumeName, parseContainerRoles } from './annotations/container-roles.ts';
import { AUDIENCE_MAX_LENGTH } from './annotations/service-account-annotations.ts';
import type { ContainerRole, RoleGrant } from './pod-identity.ts';
import type { IdentitySettings } from './settings/identity-settings.ts';
import { quote, warningLine } from './warning.ts';

/** Settings that decide which roles annotations name. */
export type RoleSettings = Pick<
  IdentitySettings,
  'annotationPrefix' | 'composeRoleArn' | 'accountId' | 'partition' | 'awsDefaultRegion'
>;

export interface RolesInput {
  /** The ServiceAccount, as warnings name it. */
  readonly object: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** The role that the pod itself names, in place of `role-arn` of the ServiceAccount. */
  readonly podRole?: PodRole | undefined;
  readonly audience: string;
  readonly expirationSeconds: number;
  readonly settings: RoleSettings;
}

/** The role that a pod names. */
export interface PodRole {
  /** The annotation. */
  readonly key: string;
  /** As it is written: a name or an ARN. */
  readonly given: string;
  /** Undefined if it cannot be a role. Then the pod gets no role at all, least of all another one. */
  readonly roleArn: string | undefined;
  readonly warnings: readonly string[];
}

/** A role, and who names it where. */
export interface NamedRole extends GivenRole, Pick<RoleUse, 'namedBy' | 'roleArn'> {}

export interface Roles {
  readonly role: RoleGrant | undefined;
  readonly containerRoles: readonly ContainerRole[];
  /** Containers whose own role is malformed: they get no role, least of all that of the whole pod. */
  readonly withheld: readonly string[];
  /** Every role above, the one of the pod first. */
  readonly named: readonly NamedRole[];
  readonly warnings: readonly string[];
}

/**
 * Returns the roles that a pod and its ServiceAccount's annotations name, valid or not; undefined if they
 * name none.
 */
export function decideRoles(input: RolesInput): Roles | undefined {
  const { object, annotations, podRole, audience, expirationSeconds, settings } = input;
  const roleKey = annotationKey(settings.annotationPrefix, 'roleArn');
  const single = annotations[roleKey] || undefined;
  const list = annotations[PODROLE_ANNOTATION.containerRoles] || undefined;
  if (podRole === undefined && single === undefined && list === undefined) return undefined;

  const audienceKey = annotationKey(settings.annotationPrefix, 'audience');
  if ((annotations[audienceKey]?.length ?? 0) > AUDIENCE_MAX_LENGTH) {
    const excess = `has more than ${AUDIENCE_MAX_LENGTH} characters`;
    const problem = `annotation ${audienceKey} ${excess}, and no role was injected`;
    return noRoles([warningLine({ object, problem, remedy: 'write a shorter one' })]);
  }
  if (podRole && podRole.roleArn === undefined) return noRoles(podRole.warnings);

  const origin = `annotation ${podRole?.key ?? roleKey}`;
  const given = podRole?.given ?? single;
  const found =
    podRole ?? (single === undefined ? undefined : readOwn({ object, origin, given: single }, settings));
  const listed = readContainerRoles(input, list ?? '');
  const warnings = [...(found?.warnings ?? []), ...listed.warnings];
  if (listed.isUnclear) return noRoles(warnings);
  const { containerRoles, withheld } = listed;
  const roleArn = found?.roleArn;
  if (roleArn === undefined || given === undefined) {
    return { role: undefined, containerRoles, withheld, named: listed.named, warnings };
  }
  const token = {
    volumeName: WEB_IDENTITY_VOLUME,
    audience,
    expirationSeconds,
    path: WEB_IDENTITY_TOKEN_PATH,
  };
  const namedBy = podRole ? 'pod' : 'service-account';
  const named: NamedRole = { object: podRole ? THIS_POD : object, origin, given, roleArn, namedBy };
  return { role: { roleArn, token }, containerRoles, withheld, named: [named, ...listed.named], warnings };
}

function noRoles(warnings: readonly string[]): Roles {
  return { role: undefined, containerRoles: [], withheld: [], named: [], warnings };
}

interface ReadContainerRoles extends Omit<Roles, 'role'> {
  /** True if it is unknown which containers were meant. */
  readonly isUnclear: boolean;
}

function readContainerRoles(
  { object, audience, expirationSeconds, settings }: RolesInput,
  list: string,
): ReadContainerRoles {
  const key = PODROLE_ANNOTATION.containerRoles;
  const warningOf = (problem: string, remedy: string) =>
    warningLine({ object, problem: `annotation ${key} ${problem}`, remedy });
  const listed = parseContainerRoles(list);
  if ('unclear' in listed) {
    const { problem, remedy } = listed.unclear;
    return { ...noRoles([warningOf(problem, remedy)]), isUnclear: true };
  }
  const warnings = listed.problems.map((problem) => warningOf(problem, 'name each container once'));
  const containerRoles: ContainerRole[] = [];
  const withheld: string[] = [];
  const named: NamedRole[] = [];
  for (const [container, given] of listed.entries) {
    const place = { object, origin: `${quote(container)} in annotation ${key}`, given };
    const found = readOwn(place, settings);
    warnings.push(...found.warnings);
    const { roleArn } = found;
    if (roleArn === undefined) {
      withheld.push(container);
      continue;
    }
    // By its own audience the role's trust policy can distinguish this container from the others.
    const token = {
      volumeName: containerVolumeName(container),
      audience: containerAudience(audience, container),
      expirationSeconds,
      path: WEB_IDENTITY_TOKEN_PATH,
    };
    containerRoles.push({ container, roleArn, token });
    named.push({ ...place, roleArn, namedBy: 'service-account' });
  }
  return { containerRoles, withheld, named, warnings, isUnclear: false };
}

/** Returns the audience of a container's own token. */
export function containerAudience(audience: string, container: string): string {
  return `${audience}/${container}`;
}

/** A role as it is written, and where. */
export interface GivenRole {
  readonly object: string;
  /** The annotation, or an entry of it. */
  readonly origin: string;
  readonly given: string;
}

function readOwn(place: GivenRole, settings: RoleSettings) {
  return readRole(place, completeRoleArn(place.given, settings), remedyOf(place.given, settings));
}

/**
 * Returns the role ARN to inject, undefined if it cannot be one, and what is wrong or unusual about it.
 * @param roleArn what was given, completed
 * @param remedy for what cannot be a role
 */
export function readRole(
  { object, origin, given }: GivenRole,
  roleArn: string,
  remedy: string,
): { readonly roleArn: string | undefined; readonly warnings: readonly string[] } {
  const role = parseRoleArn(roleArn);
  if (!role) {
    const problem = `${origin} is ${quote(given)}, not a role ARN, and was not injected`;
    return { roleArn: undefined, warnings: [warningLine({ object, problem, remedy })] };
  }
  const oddity = oddityOf(role);
  if (oddity === undefined) return { roleArn, warnings: [] };
  const problem = `${origin} is ${quote(given)}, which ${oddity}, and was injected as it is`;
  return {
    roleArn,
    warnings: [warningLine({ object, problem, remedy: 'check it, unless your STS expects it' })],
  };
}

/** Returns the role that an annotation means: with `--compose-role-arn`, a name becomes an ARN. */
export function completeRoleArn(given: string, settings: Omit<RoleSettings, 'annotationPrefix'>): string {
  const { composeRoleArn: composes, accountId } = settings;
  if (!composes || given.includes('arn:') || accountId === undefined) return given;
  const partition = settings.partition || partitionOfRegion(settings.awsDefaultRegion);
  return composeRoleArn(given, accountId, partition);
}

function remedyOf(given: string, { composeRoleArn: composes, accountId }: RoleSettings): string {
  if (parseRoleArn(given.trim())) return 'remove the white space around it';
  if (!given.includes('arn:') && composes && accountId === undefined)
    return 'set --account-id to complete role names';
  return 'write arn:aws:iam::ACCOUNT:role/NAME';
}
