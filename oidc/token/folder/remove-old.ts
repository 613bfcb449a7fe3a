import { lstat, readdir, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../../lib/errors.ts';
import { isOwnDraftLinkName, isOwnFolderName } from './names.ts';

/** Another process may still be writing what is younger. */
const LEFT_OVER_MS = 60_000;

interface Removal {
  readonly folder: string;
  /** Name of the token. */
  readonly file: string;
  /** Names of folders that readers may still use. */
  readonly kept: readonly (string | undefined)[];
  /** Called with the reason why something stays that should go. */
  readonly onLeft: (thrown: unknown) => void;
}

/** Removes the folders of old tokens, and what an interrupted process left behind. */
export async function removeOld({ folder, file, kept, onLeft }: Removal, now: Date): Promise<void> {
  for (const name of await readdir(folder)) {
    const isFolder = isOwnFolderName(name);
    if (!(isFolder || isOwnDraftLinkName(name)) || kept.includes(name)) continue;
    const path = join(folder, name);
    try {
      const { mtimeMs } = await lstat(path);
      // Either clock may have been wrong.
      if (Math.abs(now.getTime() - mtimeMs) < LEFT_OVER_MS) continue;
      if (isFolder) await removeTokenFolder(path, file);
      else await unlink(path);
    } catch (thrown) {
      // Another process may have removed it.
      if (codeOf(thrown) !== 'ENOENT') onLeft(thrown);
    }
  }
}

/** Removes a token and its folder; a folder that holds anything else stays. */
export async function removeTokenFolder(path: string, file: string): Promise<void> {
  try {
    await unlink(join(path, file));
  } catch (thrown) {
    if (codeOf(thrown) !== 'ENOENT') throw thrown;
  }
  await rmdir(path);
}
