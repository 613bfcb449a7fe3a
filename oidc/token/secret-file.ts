import { chmod, chown } from 'node:fs/promises';
import { writeNewFile } from '../../lib/files/write-new-file.ts';

/** Who may read a file besides its owner. */
export interface FileAccess {
  readonly mode: number;
  /** Undefined: the group of the process, or of the folder if that is inherited. */
  readonly groupId: number | undefined;
}

const OWNER_ONLY = 0o600;
/** Leaves the owner as it is. */
const SAME_OWNER = -1;

/**
 * Writes a secret to a new file, which resolves once it is on the disk. Only its owner can read it before its
 * group is right.
 */
export async function writeSecretFile(
  path: string,
  content: string,
  { mode, groupId }: FileAccess,
): Promise<void> {
  await writeNewFile(path, content, OWNER_ONLY);
  if (groupId !== undefined) await chown(path, SAME_OWNER, groupId);
  if (mode !== OWNER_ONLY) await chmod(path, mode);
}
