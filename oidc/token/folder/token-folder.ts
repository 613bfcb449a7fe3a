import { chmod, mkdir, rename, stat, symlink, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../../../lib/errors.ts';
import { makeFolder } from '../../../lib/files/make-folder.ts';
import { syncFolder } from '../../../lib/files/sync-folder.ts';
import { type FileAccess, writeSecretFile } from '../secret-file.ts';
import { currentFolder, folderRefused, inspectFolder } from './inspect-folder.ts';
import { CURRENT_LINK, newDraftLinkName, newFolderName } from './names.ts';
import { removeOld, removeTokenFolder } from './remove-old.ts';

/** Everybody may enter: the permissions of the token itself decide who reads it. */
const FOLDER_MODE = 0o755;

/** A folder that holds one token, and that others may mount. */
export interface TokenFolder {
  /**
   * Replaces the token as kubelet does: FILE leads through `..data`, and a rename leads `..data` to a new
   * folder. Readers see either the old or the new token, also in another mount of the folder and after a
   * crash. The old one stays until the next call, for readers that are on their way to it.
   * @throws PodroleError `FOLDER_REFUSED` if another process writes here; the system's error, after which the
   * old token is still in place
   */
  readonly replace: (token: string, now: Date) => Promise<void>;
}

/**
 * Opens the folder of a token, and creates it if it is missing.
 * @param onLeft called with the reason why an old token could not be removed
 * @throws PodroleError `FOLDER_REFUSED`; the system's error
 */
export async function openTokenFolder(
  file: string,
  access: FileAccess,
  onLeft: (thrown: unknown) => void,
): Promise<TokenFolder> {
  const [folder, name] = [dirname(file), basename(file)];
  await makeFolder(folder, FOLDER_MODE);
  await inspectFolder(file);
  let written: string | undefined;

  async function swap(token: string, now: Date): Promise<string> {
    const next = newFolderName(now);
    const draft = join(folder, newDraftLinkName());
    try {
      await mkdir(join(folder, next));
      await refuseOtherOwner(folder, join(folder, next));
      await chmod(join(folder, next), FOLDER_MODE);
      await writeSecretFile(join(folder, next, name), token, access);
      await syncFolder(join(folder, next));
      await symlink(next, draft);
      await rename(draft, join(folder, CURRENT_LINK));
      return next;
    } catch (thrown) {
      await unlink(draft).catch(() => undefined);
      await removeTokenFolder(join(folder, next), name).catch(() => undefined);
      throw thrown;
    }
  }

  return {
    replace: async (token, now) => {
      // Somebody may have removed all of it.
      await makeFolder(folder, FOLDER_MODE);
      const before = await currentFolder(folder);
      if (written !== undefined && before !== undefined && before !== written) {
        throw folderRefused(folder, 'is written by another process too', 'stop one of the two');
      }
      written = await swap(token, now);
      await linkOnce(join(CURRENT_LINK, name), file);
      await syncFolder(folder);
      await removeOld({ folder, file: name, kept: [before, written], onLeft }, now);
    },
  };
}

/**
 * Another owner of the folder could replace the new folder in it by a link, and so let this process write and
 * delete elsewhere.
 */
async function refuseOtherOwner(folder: string, ownFolder: string): Promise<void> {
  const [{ uid }, own] = await Promise.all([stat(folder), stat(ownFolder)]);
  if (uid === own.uid || uid === 0) return;
  const remedy = 'run as that user, or name a file in a folder that podrole creates';
  throw folderRefused(folder, `belongs to user ${uid}, and this process is user ${own.uid}`, remedy);
}

async function linkOnce(target: string, path: string): Promise<void> {
  try {
    await symlink(target, path);
  } catch (thrown) {
    if (codeOf(thrown) !== 'EEXIST') throw thrown;
  }
}
