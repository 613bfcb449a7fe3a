import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type Fault, messageOf, throwIfAny } from '../lib/errors.ts';
import { MAX_FILE_BYTES, readInputSync, readRegularFileSync } from '../lib/files/read-file.ts';
import { textOfFile } from '../lib/files/text-of-file.ts';
import { readBounded } from '../lib/read-bounded.ts';
import type { SourceFile } from './inject-manifests.ts';

export const STDIN = '-';
const MANIFEST_NAME = /\.(?:ya?ml|json)$/;

/**
 * Reads the manifests that paths name: a file, `-` for stdin, or the files of a folder in the order of their
 * names.
 * @throws PodroleError `UNREADABLE_FILE` with a fault for each path
 */
export async function readFiles(paths: readonly string[], stdin: Readable): Promise<SourceFile[]> {
  const faults: Fault[] = [];
  const files: SourceFile[] = [];
  for (const path of new Set(paths)) {
    try {
      for (const { file, read } of await filesOf(path)) {
        files.push(decoded(file, file === STDIN ? await readAll(stdin) : read(file, MAX_BYTES)));
      }
    } catch (thrown) {
      faults.push({
        code: 'UNREADABLE_FILE',
        object: path === STDIN ? 'stdin' : path,
        problem: messageOf(thrown),
        remedy: 'name a file or a folder of manifests in UTF-8 that this process may read',
      });
    }
  }
  throwIfAny(faults);
  return files;
}

interface FoundFile {
  readonly file: string;
  readonly read: (path: string, maxBytes: number) => Buffer;
}

const MAX_BYTES = MAX_FILE_BYTES.manifests;

/**
 * A pipe is read only if its own path is given, as by `<(helm template …)`: a pipe in a folder may never have
 * a writer.
 */
async function filesOf(path: string): Promise<FoundFile[]> {
  if (path === STDIN || !(await stat(path)).isDirectory()) return [{ file: path, read: readInputSync }];
  const names = (await readdir(path)).filter((name) => MANIFEST_NAME.test(name)).sort();
  if (names.length === 0) throw new Error('holds no file that ends in .yaml, .yml or .json');
  return names.map((name) => ({ file: join(path, name), read: readRegularFileSync }));
}

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
