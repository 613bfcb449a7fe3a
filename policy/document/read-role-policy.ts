import { messageOf, PodroleError } from '../../lib/errors.ts';
import { MAX_FILE_BYTES, readRegularFile } from '../../lib/files/read-file.ts';
import { textOfFile } from '../../lib/files/text-of-file.ts';
import type { RolePolicy } from '../role-policy.ts';
import { parseRolePolicy } from './parse-role-policy.ts';

/**
 * Reads the policy file of `--role-policy-file`. Returns undefined if none is given.
 * @throws PodroleError `UNREADABLE_FILE`, `INVALID_ROLE_POLICY`
 */
export async function readRolePolicy(path: string | undefined): Promise<RolePolicy | undefined> {
  if (path === undefined) return undefined;
  let text: string;
  try {
    text = textOfFile(await readRegularFile(path, MAX_FILE_BYTES.configuration), 'drop');
  } catch (thrown) {
    throw new PodroleError(
      {
        code: 'UNREADABLE_FILE',
        object: `--role-policy-file ${path}`,
        problem: messageOf(thrown),
        remedy: 'give a policy file in UTF-8 that this process may read',
      },
      { cause: thrown },
    );
  }
  return parseRolePolicy(text, path);
}
