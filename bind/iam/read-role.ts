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
import type { RoleFacts, RoleSummary } from './iam-facts.ts';
import { iamError, isAbsent, isAbsentInRadosgw, isUnsupported } from './iam-fault.ts';
import type { InlinePolicy } from './inline-policy.ts';
import { tagsOf } from './read-provider.ts';

/**
 * Reads a role with its tags and policies; undefined if IAM says that it does not exist.
 * @param name without path
 * @throws PodroleError if a part cannot be read; see iam-fault.ts
 */
export async function readRole(iam: IAMClient, name: string): Promise<RoleFacts | undefined> {
  const role = await getRole(iam, name);
  if (!role) return undefined;
  const [tags, attachedPolicyArns, inlinePolicies] = await Promise.all([
    role.Tags ? tagsOf(role.Tags) : tagsOfPresent(iam, name),
    readAttached(iam, name),
    readInline(iam, name),
  ]);
  return {
    ...summaryOf(role),
    description: role.Description ?? '',
    maxSessionDurationSeconds: role.MaxSessionDuration ?? IAM_ROLE.maxSessionDurationSeconds.min,
    permissionsBoundary: role.PermissionsBoundary?.PermissionsBoundaryArn,
    tags,
    attachedPolicyArns,
    inlinePolicies,
  };
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
): Promise<readonly RoleSummary[]> {
  try {
    const roles: RoleSummary[] = [];
    for await (const { Roles: page = [] } of paginateListRoles({ client: iam }, {})) {
      roles.push(...page.map(summaryOf));
      onRead(roles.length);
    }
    return roles;
  } catch (thrown) {
    if (isAbsentInRadosgw(thrown)) return [];
    throw iamError(thrown, { operation: 'ListRoles', object: 'roles of the account' });
  }
}

function summaryOf({ Arn, RoleName, Path, AssumeRolePolicyDocument }: Role): RoleSummary {
  return {
    arn: Arn ?? '',
    name: RoleName ?? '',
    path: Path ?? '/',
    trustPolicy: decodePolicy(AssumeRolePolicyDocument),
  };
}

/** IAM answers policies percent-encoded (RFC 3986), other servers as plain JSON. */
function decodePolicy(text: string | undefined): unknown {
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
