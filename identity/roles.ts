import { composeRoleArn, parseRoleArn, partitionOfRegion } from '../lib/arn.ts';
import { annotationKey, WEB_IDENTITY_TOKEN_PATH, WEB_IDENTITY_VOLUME } from '../lib/contract/aws-webhook.ts';
import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import { containerVolumeName, parseContainerRoles } from './annotations/container-roles.ts';
import { AUDIENCE_MAX_LENGTH } from './annotations/service-account-annotations.ts';
import type { ContainerRole, RoleGrant } from './pod-identity.ts';
import type { IdentitySettings } from './settings.ts';
import { quote, warningLine } from './warning.ts';

export interface RolesInput {
  /** The ServiceAccount, as warnings name it. */
  readonly object: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly audience: string;
  readonly expirationSeconds: number;
  readonly settings: IdentitySettings;
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
    const roleArn = completeRoleArn(single, settings);
    if (parseRoleArn(roleArn)) {
      role = { roleArn, token: { volumeName: WEB_IDENTITY_VOLUME, audience, ...shared } };
    } else {
      warnings.push(malformedRole({ object, origin: `annotation ${roleKey}`, given: single }, settings));
    }
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
    const roleArn = completeRoleArn(given, settings);
    if (parseRoleArn(roleArn)) {
      // By its own audience the role's trust policy can distinguish this container from the others.
      const token = {
        volumeName: containerVolumeName(container),
        audience: `${audience}/${container}`,
        ...shared,
      };
      containerRoles.push({ container, roleArn, token });
    } else {
      const origin = `${quote(container)} in annotation ${PODROLE_ANNOTATION.containerRoles}`;
      warnings.push(malformedRole({ object, origin, given }, settings));
      withheld.push(container);
    }
  }
  return { role, containerRoles, withheld, warnings };
}

function completeRoleArn(given: string, settings: IdentitySettings): string {
  if (!settings.composeRoleArn || given.includes('arn:')) return given;
  const partition = settings.partition || partitionOfRegion(settings.awsDefaultRegion);
  return composeRoleArn(given, settings.accountId, partition);
}

interface MalformedRole {
  readonly object: string;
  /** The annotation, or an entry of it. */
  readonly origin: string;
  readonly given: string;
}

function malformedRole({ object, origin, given }: MalformedRole, settings: IdentitySettings): string {
  return warningLine({
    object,
    problem: `${origin} is ${quote(given)}, not a role ARN, and was not injected`,
    remedy: remedyOf(given, settings),
  });
}

function remedyOf(given: string, { composeRoleArn: composes, accountId }: IdentitySettings): string {
  if (parseRoleArn(given.trim())) return 'remove the white space around it';
  if (!given.includes('arn:') && composes && accountId === '')
    return 'set --account-id to complete role names';
  return 'write arn:aws:iam::ACCOUNT:role/NAME';
}
