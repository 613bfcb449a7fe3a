import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, PodroleError } from '../../lib/errors.ts';
import { syncFolder } from '../../lib/files/sync-folder.ts';
import { type FileAccess, writeSecretFile } from './secret-file.ts';

/**
 * Writes a token to a file, or replaces the file: readers see either the old or the new one.
 * @throws PodroleError `FILE_EXISTS` for what is not a regular file; the system's error
 */
export async function writeTokenFile(file: string, token: string, access: FileAccess): Promise<void> {
  await refuseOthers(file);
  const draft = join(dirname(file), `.podrole-${randomUUID()}`);
  try {
    await writeSecretFile(draft, token, access);
    await rename(draft, file);
    await syncFolder(dirname(file));
  } catch (thrown) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw thrown;
  }
}

/** A rename replaces a link or a device itself: /dev/null would be a file of root's from then on. */
async function refuseOthers(file: string): Promise<void> {
  const stats = await statsOf(file);
  if (stats === undefined || stats.isFile()) return;
  throw new PodroleError({
    code: 'FILE_EXISTS',
    object: `--file ${file}`,
    problem: stats.isSymbolicLink()
      ? 'is a symbolic link, such as that of podrole token --watch'
      : 'exists and is not a regular file',
    remedy: 'name the file itself, or another one; without --file, the token goes to stdout',
  });
}

async function statsOf(file: string): Promise<Stats | undefined> {
  try {
    return await lstat(file);
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}
