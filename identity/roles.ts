import { composeRoleArn, oddityOf, parseRoleArn, partitionOfRegion } from '../lib/arn.ts';
import { annotationKey, WEB_IDENTITY_TOKEN_PATH, WEB_IDENTITY_VOLUME } from '../lib/contract/aws-webhook.ts';
import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
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
  readonly audience: string;
  readonly expirationSeconds: number;
  readonly settings: RoleSettings;
}

export interface Roles {
  readonly role: RoleGrant | undefined;
  readonly containerRoles: readonly ContainerRole[];
  /** Containers whose own role is malformed: they get no role, least of all that of the whole pod. */
  readonly withheld: readonly string[];
  readonly warnings: readonly string[];
}

/** Returns the roles that a ServiceAccount's annotations name, valid or not; undefined if they name none. */
export function decideRoles(input: RolesInput): Roles | undefined {
  const { object, annotations, audience, expirationSeconds, settings } = input;
  const roleKey = annotationKey(settings.annotationPrefix, 'roleArn');
  const single = annotations[roleKey] || undefined;
  const list = annotations[PODROLE_ANNOTATION.containerRoles] || undefined;
  if (single === undefined && list === undefined) return undefined;

  const audienceKey = annotationKey(settings.annotationPrefix, 'audience');
  if ((annotations[audienceKey]?.length ?? 0) > AUDIENCE_MAX_LENGTH) {
    const excess = `has more than ${AUDIENCE_MAX_LENGTH} characters`;
    const problem = `annotation ${audienceKey} ${excess}, and no role was injected`;
    const warning = warningLine({ object, problem, remedy: 'write a shorter one' });
    return { role: undefined, containerRoles: [], withheld: [], warnings: [warning] };
  }

  const shared = { expirationSeconds, path: WEB_IDENTITY_TOKEN_PATH };
  const warnings: string[] = [];
  let role: RoleGrant | undefined;
  if (single !== undefined) {
    const found = readRole({ object, origin: `annotation ${roleKey}`, given: single }, settings);
    warnings.push(...found.warnings);
    const { roleArn } = found;
    if (roleArn !== undefined)
      role = { roleArn, token: { volumeName: WEB_IDENTITY_VOLUME, audience, ...shared } };
  }

  const listed = parseContainerRoles(list ?? '');
  const listWarning = (problem: string, remedy: string) =>
    warningLine({ object, problem: `annotation ${PODROLE_ANNOTATION.containerRoles} ${problem}`, remedy });
  if ('unclear' in listed) {
    warnings.push(listWarning(listed.unclear.problem, listed.unclear.remedy));
    return { role: undefined, containerRoles: [], withheld: [], warnings };
  }
  for (const problem of listed.problems) warnings.push(listWarning(problem, 'name each container once'));
  const containerRoles: ContainerRole[] = [];
  const withheld: string[] = [];
  for (const [container, given] of listed.entries) {
    const origin = `${quote(container)} in annotation ${PODROLE_ANNOTATION.containerRoles}`;
    const found = readRole({ object, origin, given }, settings);
    warnings.push(...found.warnings);
    const { roleArn } = found;
    if (roleArn === undefined) {
      withheld.push(container);
    } else {
      // By its own audience the role's trust policy can distinguish this container from the others.
      const token = {
        volumeName: containerVolumeName(container),
        audience: containerAudience(audience, container),
        ...shared,
      };
      containerRoles.push({ container, roleArn, token });
    }
  }
  return { role, containerRoles, withheld, warnings };
}

/** Returns the audience of a container's own token. */
export function containerAudience(audience: string, container: string): string {
  return `${audience}/${container}`;
}

interface GivenRole {
  readonly object: string;
  /** The annotation, or an entry of it. */
  readonly origin: string;
  readonly given: string;
}

/** Returns the role ARN to inject, undefined if it cannot be one, and what is wrong or unusual about it. */
function readRole(
  { object, origin, given }: GivenRole,
  settings: RoleSettings,
): { readonly roleArn: string | undefined; readonly warnings: readonly string[] } {
  const roleArn = completeRoleArn(given, settings);
  const role = parseRoleArn(roleArn);
  if (!role) {
    const problem = `${origin} is ${quote(given)}, not a role ARN, and was not injected`;
    return {
      roleArn: undefined,
      warnings: [warningLine({ object, problem, remedy: remedyOf(given, settings) })],
    };
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
