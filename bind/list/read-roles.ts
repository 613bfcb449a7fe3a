import type { IAMClient } from '@aws-sdk/client-iam';
import type { Progress } from '../../lib/surroundings.ts';
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
  progress: Progress,
): Promise<readonly TaggedRole[]> {
  const read = async (role: RoleSummary): Promise<TaggedRole | undefined> => {
    try {
      return { ...role, tags: await readRoleTags(iam, role.name) };
    } catch (thrown) {
      if (isAbsent(thrown)) return undefined;
      throw thrown;
    }
  };
  const tagged = await mapLimited(roles, IAM_READS_AT_ONCE, read, (done) =>
    progress.show('reading tags of roles', done, roles.length),
  );
  return tagged.filter((role) => role !== undefined);
}
