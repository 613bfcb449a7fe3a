import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compareText } from '../text/compare.ts';
import { readInputSync, readRegularFileSync } from './read-file.ts';

export const STDIN = '-';
const MANIFEST_NAME = /\.(?:ya?ml|json)$/;

export interface FoundFile {
  readonly path: string;
  readonly read: (path: string, maxBytes: number) => Buffer;
  /** The same for every path that leads to the file. */
  readonly identity: string;
}

/**
 * Returns the file of a path, or the manifests of a folder in the order of their names, as kubectl does. A
 * pipe is read only if its own path is given, as by `<(helm template …)`: a pipe in a folder may never have a
 * writer.
 * @param recursive also those of all folders in it, except hidden ones such as `.git`
 * @throws Error if a folder has no manifest
 */
export async function findFiles(path: string, recursive: boolean): Promise<readonly FoundFile[]> {
  if (path === STDIN) return [{ path, read: readInputSync, identity: STDIN }];
  const found = await stat(path);
  if (!found.isDirectory()) {
    // The path of a pipe, such as /dev/fd/63, leads to no name.
    const identity = found.isFile() ? await realpath(path) : path;
    return [{ path, read: readInputSync, identity }];
  }
  const { files, hasFolders } = await manifestsIn(path, recursive);
  if (files.length === 0) {
    const hint = hasFolders && !recursive ? '; -R reads the folders in it too' : '';
    throw new Error(`holds no file that ends in .yaml, .yml or .json${hint}`);
  }
  return files;
}

/**
 * Walks without recursion, so that no depth is too deep. A symbolic link to a folder is not followed, as in
 * kubectl: it could lead back.
 */
async function manifestsIn(
  root: string,
  recursive: boolean,
): Promise<{ readonly files: readonly FoundFile[]; readonly hasFolders: boolean }> {
  const files: FoundFile[] = [];
  let hasFolders = false;
  // A stack, whose last element is the next one.
  const ahead = [{ path: root, isFolder: true }];
  for (let next = ahead.pop(); next; next = ahead.pop()) {
    const { path, isFolder } = next;
    if (!isFolder) {
      // If a link leads nowhere, reading it says so.
      const identity = await realpath(path).catch(() => path);
      files.push({ path, read: readRegularFileSync, identity });
      continue;
    }
    const entries = await readdir(path, { withFileTypes: true });
    entries.sort((one, other) => compareText(other.name, one.name));
    for (const entry of entries) {
      const isInnerFolder = entry.isDirectory();
      if (isInnerFolder && !entry.name.startsWith('.')) hasFolders = true;
      const isTaken = isInnerFolder
        ? recursive && !entry.name.startsWith('.')
        : MANIFEST_NAME.test(entry.name);
      if (isTaken) ahead.push({ path: join(path, entry.name), isFolder: isInnerFolder });
    }
  }
  return { files, hasFolders };
}
