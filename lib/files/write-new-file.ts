import { open } from 'node:fs/promises';

/**
 * Writes a file that must not exist yet, and resolves once it is on the disk. The caller then renames or
 * links it into its place.
 * @param mode permissions of the file, whatever the umask is
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
