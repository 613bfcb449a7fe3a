import { chmod, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from '../errors.ts';

/**
 * Creates a folder and those above it. A new folder has the mode whatever the umask is; one that exists keeps
 * its own.
 *
 * `mkdir` of Node with `recursive` never ends in a file system such as /proc, which answers that the parent
 * of a new folder does not exist. Here each folder is tried twice.
 * @throws the system's error; `ENOTDIR` if the path is a file
 */
export async function makeFolder(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (thrown) {
    const parent = dirname(path);
    if (codeOf(thrown) === 'EEXIST') return requireFolder(path);
    if (codeOf(thrown) !== 'ENOENT' || parent === path) throw thrown;
    await makeFolder(parent, mode);
    await mkdir(path, { mode }).catch(async (again) => {
      if (codeOf(again) !== 'EEXIST') throw again;
      await requireFolder(path);
    });
  }
  await chmod(path, mode);
}

/** The last part of the path makes the system refuse a file. */
async function requireFolder(path: string): Promise<void> {
  await stat(`${path}/.`);
}
