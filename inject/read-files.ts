import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type Fault, messageOf, PodroleError } from '../lib/errors.ts';
import { textOfFile } from '../lib/text-of-file.ts';
import type { SourceFile } from './inject-manifests.ts';

export const STDIN = '-';
const MANIFEST_NAME = /\.(?:ya?ml|json)$/;

/**
 * The manifests that paths name: a file, `-` for stdin, or the files of a folder in the order of their names.
 * @throws PodroleError `UNREADABLE_FILE` with a fault for each path
 */
export async function readFiles(paths: readonly string[], stdin: Readable): Promise<SourceFile[]> {
  const faults: Fault[] = [];
  const files: SourceFile[] = [];
  for (const path of new Set(paths)) {
    try {
      for (const file of await filesOf(path)) files.push(await readSource(file, stdin));
    } catch (thrown) {
      faults.push({
        code: 'UNREADABLE_FILE',
        object: path === STDIN ? 'stdin' : path,
        problem: messageOf(thrown),
        remedy: 'name a file or a folder of manifests in UTF-8 that this process may read',
      });
    }
  }
  if (faults.length > 0) throw new PodroleError(faults);
  return files;
}

async function filesOf(path: string): Promise<string[]> {
  if (path === STDIN || !(await stat(path)).isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => MANIFEST_NAME.test(name)).sort();
  if (names.length === 0) throw new Error('holds no file that ends in .yaml, .yml or .json');
  return names.map((name) => join(path, name));
}

async function readSource(path: string, stdin: Readable): Promise<SourceFile> {
  const bytes = path === STDIN ? await readAll(stdin) : await readFile(path);
  // What can't be decoded could not be written back either.
  const text = textOfFile(bytes, 'keep');
  return { name: path === STDIN ? 'stdin' : path, text };
}

async function readAll(stdin: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
