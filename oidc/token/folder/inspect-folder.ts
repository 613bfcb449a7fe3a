import { readdir, readlink, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, PodroleError } from '../../../lib/errors.ts';
import { quotedOperand } from '../../../lib/operands/quoted-operand.ts';
import { CURRENT_LINK, isOwnDraftLinkName, isOwnFolderName } from './names.ts';

const OTHERS_WRITE = 0o002;

/**
 * Refuses a folder in which others could replace the token, or which holds what podrole did not write there:
 * old tokens are deleted from it.
 * @param file path of the token
 * @throws PodroleError `FOLDER_REFUSED`; the system's error if the folder cannot be read
 */
export async function inspectFolder(file: string): Promise<void> {
  const folder = dirname(file);
  if (((await stat(folder)).mode & OTHERS_WRITE) !== 0) {
    throw folderRefused(folder, 'may be written by every user', `run chmod o-w, or name a file elsewhere`);
  }
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const { name } = entry;
    const isOwn = entry.isSymbolicLink()
      ? isOwnLink(name, basename(file), await readlink(join(folder, name)))
      : entry.isDirectory() && isOwnFolderName(name);
    if (isOwn) continue;
    throw folderRefused(
      folder,
      `holds ${quotedOperand(name)}, which podrole token did not write`,
      `name a file in a folder of its own: ${join(folder, 'token', basename(file))}`,
    );
  }
}

function isOwnLink(name: string, token: string, target: string): boolean {
  if (name === token) return target === join(CURRENT_LINK, token);
  return (name === CURRENT_LINK || isOwnDraftLinkName(name)) && isOwnFolderName(target);
}

/** Returns the folder that `..data` leads to; undefined if there is no such link. */
export async function currentFolder(folder: string): Promise<string | undefined> {
  try {
    return await readlink(join(folder, CURRENT_LINK));
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}

export function folderRefused(folder: string, problem: string, remedy: string): PodroleError {
  return new PodroleError({ code: 'FOLDER_REFUSED', object: `folder ${folder}`, problem, remedy });
}
