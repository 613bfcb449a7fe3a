import type { IAMClient } from '@aws-sdk/client-iam';
import { mapLimited } from '../facts/map-limited.ts';
import type { RoleSummary } from '../iam/iam-facts.ts';
import { isAbsent } from '../iam/iam-fault.ts';
import { IAM_READS_AT_ONCE } from '../iam/open-iam.ts';
import { readRoleTags } from '../iam/read-role.ts';
import type { TaggedRole } from './join-roles.ts';

/**
 * Reads the tags of roles by one call each: a list of roles has no tags. A role that is gone by then is left
 * out.
 * @throws PodroleError if tags cannot be read; see iam-fault.ts
 */
export async function readTaggedRoles(
  iam: IAMClient,
  roles: readonly RoleSummary[],
): Promise<readonly TaggedRole[]> {
  const tagged = await mapLimited(roles, IAM_READS_AT_ONCE, async (role): Promise<TaggedRole | undefined> => {
    try {
      return { ...role, tags: await readRoleTags(iam, role.name) };
    } catch (thrown) {
      if (isAbsent(thrown)) return undefined;
      throw thrown;
    }
  });
  return tagged.filter((role) => role !== undefined);
}
