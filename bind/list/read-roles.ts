import type { IAMClient } from '@aws-sdk/client-iam';
import type { RoleSummary } from '../iam/iam-facts.ts';
import { isAbsent } from '../iam/iam-fault.ts';
import { readRoleTags } from '../iam/read-role.ts';
import type { TaggedRole } from './join-roles.ts';

/** IAM throttles by account; the SDK tries again, but others wait as well. */
const AT_ONCE = 5;

/**
 * Roles with their tags, by one call each: a list of roles has no tags. One that is gone by now is left out.
 * @throws PodroleError where tags can't be read; see iam-fault.ts
 */
export async function readTaggedRoles(
  iam: IAMClient,
  roles: readonly RoleSummary[],
): Promise<readonly TaggedRole[]> {
  const waiting = [...roles];
  const tagged: TaggedRole[] = [];
  async function work(): Promise<void> {
    for (let role = waiting.shift(); role; role = waiting.shift()) {
      try {
        tagged.push({ ...role, tags: await readRoleTags(iam, role.name) });
      } catch (thrown) {
        if (!isAbsent(thrown)) throw thrown;
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return tagged;
}
