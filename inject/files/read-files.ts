import type { Readable } from 'node:stream';
import { type Fault, messageOf, throwIfAny } from '../../lib/errors.ts';
import { MAX_FILE_BYTES } from '../../lib/files/read-file.ts';
import { textOfFile } from '../../lib/files/text-of-file.ts';
import { readBounded } from '../../lib/read-bounded.ts';
import type { SourceFile } from '../inject-manifests.ts';
import { findFiles, STDIN } from './find-files.ts';

/**
 * Reads the manifests that paths name: a file, `-` for stdin, or the files of a folder in the order of their
 * names. A file that several paths lead to is read once, at its first place.
 * @param recursive also the files of the folders in a folder
 * @throws PodroleError `UNREADABLE_FILE` with a fault for each path
 */
export async function readFiles(
  paths: readonly string[],
  stdin: Readable,
  recursive: boolean,
): Promise<SourceFile[]> {
  const faults: Fault[] = [];
  const files: SourceFile[] = [];
  const known = new Set<string>();
  const unreadable = (path: string, thrown: unknown) =>
    faults.push({
      code: 'UNREADABLE_FILE',
      object: path === STDIN ? 'stdin' : path,
      problem: messageOf(thrown),
      remedy: 'name a file or a folder of manifests in UTF-8 that this process may read',
    });
  for (const given of new Set(paths)) {
    let found: Awaited<ReturnType<typeof findFiles>> = [];
    try {
      found = await findFiles(given, recursive);
    } catch (thrown) {
      unreadable(given, thrown);
    }
    for (const { path, read, identity } of found) {
      if (known.has(identity)) continue;
      known.add(identity);
      try {
        files.push(decoded(path, path === STDIN ? await readAll(stdin) : read(path, MAX_BYTES)));
      } catch (thrown) {
        unreadable(path, thrown);
      }
    }
  }
  throwIfAny(faults);
  return files;
}

const MAX_BYTES = MAX_FILE_BYTES.manifests;

function decoded(path: string, bytes: Buffer): SourceFile {
  // Text that cannot be decoded could not be written back either.
  const text = textOfFile(bytes, 'keep');
  return { name: path === STDIN ? 'stdin' : path, text };
}

async function readAll(stdin: Readable): Promise<Buffer> {
  const bytes = await readBounded(stdin, MAX_BYTES);
  if (!bytes) throw new Error(`is larger than ${MAX_BYTES} bytes`);
  return bytes;
}
