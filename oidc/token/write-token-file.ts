import { randomUUID } from 'node:crypto';
import { lstat, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, PodroleError } from '../../lib/errors.ts';
import { syncFolder } from '../../lib/files/sync-folder.ts';
import { type FileAccess, writeSecretFile } from './secret-file.ts';

/**
 * Writes a token to a file, or replaces the file: readers see either the old or the new one.
 * @throws PodroleError `FILE_EXISTS` for a link; the system's error
 */
export async function writeTokenFile(file: string, token: string, access: FileAccess): Promise<void> {
  await refuseLink(file);
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

/** A rename replaces a link itself, not the file that it leads to. */
async function refuseLink(file: string): Promise<void> {
  try {
    if (!(await lstat(file)).isSymbolicLink()) return;
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return;
    throw thrown;
  }
  throw new PodroleError({
    code: 'FILE_EXISTS',
    object: `--file ${file}`,
    problem: 'is a symbolic link, such as that of podrole token --watch',
    remedy: 'name the file itself, or another one',
  });
}
