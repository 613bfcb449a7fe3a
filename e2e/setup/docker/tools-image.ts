import { chmod, copyFile, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { runCommand, succeed } from '../../cluster/run-command.ts';
import type { ContainerHost } from './host-machine.ts';

/** Image with curl of this machine, and a shell. */
export const TOOLS_IMAGE = 'tools:1';

/** Makes the image `tools:1` on a host: curl with its libraries, and busybox as its shell. */
export async function makeToolsImage(host: Pick<ContainerHost, 'folder' | 'client'>): Promise<void> {
  const root = path.join(host.folder, 'tools');
  await mkdir(path.join(root, 'bin'), { recursive: true });
  await mkdir(path.join(root, 'tmp'), { recursive: true });
  const which = async (program: string) =>
    (await succeed(program, runCommand('sh', ['-c', 'command -v "$1"', 'sh', program]))).trim();
  const [curl, busybox] = [await which('curl'), await which('busybox')];
  await copyFile(curl, path.join(root, 'bin/curl'));
  await copyFile(busybox, path.join(root, 'bin/busybox'));
  for (const command of ['sh', 'cat', 'sleep', 'ip', 'echo', 'ls', 'env'])
    await symlink('busybox', path.join(root, 'bin', command));
  // `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)`, and the loader by its path alone.
  const libraries = await succeed('ldd', runCommand('ldd', [curl]));
  for (const [library] of libraries.matchAll(/\/\S+/g)) {
    await mkdir(path.join(root, path.dirname(library)), { recursive: true });
    await copyFile(library, path.join(root, library));
    await chmod(path.join(root, library), 0o755);
  }
  const archive = path.join(host.folder, 'tools.tar');
  await succeed('tar', runCommand('tar', ['-C', root, '-cf', archive, '.']));
  await host.client('import', '--change', 'CMD ["sleep", "86400"]', archive, TOOLS_IMAGE);
}
