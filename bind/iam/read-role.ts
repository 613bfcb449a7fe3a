import {
  GetRoleCommand,
  GetRolePolicyCommand,
  type IAMClient,
  ListRoleTagsCommand,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
  paginateListRoles,
  type Role,
} from '@aws-sdk/client-iam';
import { IAM_ROLE } from '../../lib/contract/iam.ts';
import { PodroleError } from '../../lib/errors.ts';
import type { ListedRole, RoleFacts, RoleSummary } from './iam-facts.ts';
import { iamError, isAbsent, isAbsentInRadosgw, isUnsupported } from './iam-fault.ts';
import type { InlinePolicy } from './inline-policy.ts';
import { tagsOf } from './read-provider.ts';

/**
 * Reads a role with its tags and policies; undefined if IAM says that it does not exist.
 * @param name without path
 * @throws PodroleError if a part cannot be read; see iam-fault.ts
 */
export async function readRole(iam: IAMClient, name: string): Promise<RoleFacts | undefined> {
  const role = await readBareRole(iam, name);
  if (!role) return undefined;
  const [tags, policies] = await Promise.all([
    role.tags ?? tagsOfPresent(iam, name),
    readRolePolicies(iam, name),
  ]);
  return { ...role, ...policies, tags };
}

/** A role as far as one call answers it. */
export interface BareRole extends Omit<RoleFacts, 'tags' | keyof RolePolicies> {
  /** Undefined if the answer does not say whether there are any. */
  readonly tags: RoleFacts['tags'] | undefined;
}

/**
 * Reads a role without its policies; undefined if IAM says that it does not exist.
 * @param name without path
 * @throws PodroleError if it cannot be read; see iam-fault.ts
 */
export async function readBareRole(iam: IAMClient, name: string): Promise<BareRole | undefined> {
  const role = await getRole(iam, name);
  return (
    role && {
      ...summaryOf(role),
      description: role.Description ?? '',
      maxSessionDurationSeconds: role.MaxSessionDuration ?? IAM_ROLE.maxSessionDurationSeconds.min,
      permissionsBoundary: role.PermissionsBoundary?.PermissionsBoundaryArn,
      tags: role.Tags && tagsOf(role.Tags),
    }
  );
}

export type RolePolicies = Pick<RoleFacts, 'attachedPolicyArns' | 'inlinePolicies'>;

/**
 * Reads the inline policies of a role, and the ARNs of its managed ones.
 * @throws PodroleError if they cannot all be read; see iam-fault.ts
 */
export async function readRolePolicies(iam: IAMClient, name: string): Promise<RolePolicies> {
  const reads = [readAttached(iam, name), readInline(iam, name)] as const;
  // If one fails, the caller may close the client: the other must not be under way then.
  await Promise.allSettled(reads);
  const [attachedPolicyArns, inlinePolicies] = await Promise.all(reads);
  return { attachedPolicyArns, inlinePolicies };
}

/**
 * Reads tags of a role that was just read. If the role disappeared between two reads, it fails: do not
 * recreate it silently.
 */
async function tagsOfPresent(iam: IAMClient, name: string): Promise<Readonly<Record<string, string>>> {
  try {
    return await readRoleTags(iam, name);
  } catch (thrown) {
    throw thrown instanceof PodroleError
      ? thrown
      : iamError(thrown, { operation: 'ListRoleTags', object: `role ${name}` });
  }
}

async function getRole(iam: IAMClient, name: string): Promise<Role | undefined> {
  try {
    return (await iam.send(new GetRoleCommand({ RoleName: name }))).Role;
  } catch (thrown) {
    if (isAbsent(thrown)) return undefined;
    throw iamError(thrown, { operation: 'GetRole', object: `role ${name}` });
  }
}

/**
 * Lists every role of the account, without tags and policies.
 * @throws PodroleError if they cannot all be read; see iam-fault.ts
 */
export async function listRoles(
  iam: IAMClient,
  onRead: (roles: number) => void = () => {},
): Promise<readonly ListedRole[]> {
  try {
    const roles: ListedRole[] = [];
    for await (const { Roles: page = [] } of paginateListRoles({ client: iam }, {})) {
      roles.push(...page.map(listedRoleOf));
      onRead(roles.length);
    }
    return roles;
  } catch (thrown) {
    if (isAbsentInRadosgw(thrown)) return [];
    throw iamError(thrown, { operation: 'ListRoles', object: 'roles of the account' });
  }
}

/**
 * Returns the last use of a role, within the 400 days that IAM keeps; undefined if there was none, or if the
 * role is gone.
 * @throws PodroleError if it cannot be read; see iam-fault.ts
 */
export async function readRoleLastUsed(iam: IAMClient, name: string): Promise<Date | undefined> {
  return (await getRole(iam, name))?.RoleLastUsed?.LastUsedDate;
}

function listedRoleOf(role: Role): ListedRole {
  return {
    ...summaryOf(role),
    createdAt: role.CreateDate,
    maxSessionDurationSeconds: role.MaxSessionDuration ?? IAM_ROLE.maxSessionDurationSeconds.min,
  };
}

function summaryOf({ Arn, RoleName, Path, AssumeRolePolicyDocument }: Role): RoleSummary {
  return {
    arn: Arn ?? '',
    name: RoleName ?? '',
    path: Path ?? '/',
    trustPolicy: decodePolicy(AssumeRolePolicyDocument),
  };
}

/**
 * Returns the JSON value of a policy; undefined if it is not JSON. IAM answers policies percent-encoded (RFC
 * 3986), other servers as plain JSON.
 */
export function decodePolicy(text: string | undefined): unknown {
  for (const decode of [String, decodeURIComponent]) {
    try {
      return JSON.parse(decode(text ?? ''));
    } catch {
      // It has the other form, or is not JSON.
    }
  }
  return undefined;
}

/**
 * Reads the tags of a role; none if the server lacks the call.
 * @throws an error that isAbsent recognises if the role is gone, else a PodroleError
 */
export async function readRoleTags(iam: IAMClient, name: string): Promise<Readonly<Record<string, string>>> {
  try {
    return tagsOf((await iam.send(new ListRoleTagsCommand({ RoleName: name }))).Tags);
  } catch (thrown) {
    if (isUnsupported(thrown)) return {};
    throw isAbsent(thrown) ? thrown : iamError(thrown, { operation: 'ListRoleTags', object: `role ${name}` });
  }
}

async function readAttached(iam: IAMClient, name: string): Promise<readonly string[] | undefined> {
  try {
    const arns: string[] = [];
    const pages = paginateListAttachedRolePolicies({ client: iam }, { RoleName: name });
    for await (const { AttachedPolicies: page = [] } of pages)
      arns.push(...page.flatMap(({ PolicyArn }) => PolicyArn ?? []));
    return arns;
  } catch (thrown) {
    if (isUnsupported(thrown)) return undefined;
    throw iamError(thrown, { operation: 'ListAttachedRolePolicies', object: `role ${name}` });
  }
}

async function readInline(iam: IAMClient, name: string): Promise<readonly InlinePolicy[]> {
  let operation = 'ListRolePolicies';
  try {
    const names: string[] = [];
    const pages = paginateListRolePolicies({ client: iam }, { RoleName: name });
    for await (const { PolicyNames: page = [] } of pages) names.push(...page);
    operation = 'GetRolePolicy';
    return await Promise.all(
      names.map(async (policy) => {
        const { PolicyDocument } = await iam.send(
          new GetRolePolicyCommand({ RoleName: name, PolicyName: policy }),
        );
        return { name: policy, document: decodePolicy(PolicyDocument) };
      }),
    );
  } catch (thrown) {
    throw iamError(thrown, { operation, object: `role ${name}` });
  }
}
