import { open } from 'node:fs/promises';

/**
 * Writes a file that must not be there yet, and returns once it is on the disk: a draft that a rename or a link puts in its place.
 * @param mode its permissions, whatever the umask is
 */
export async function writeNewFile(path: string, content: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.chmod(mode);
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}
