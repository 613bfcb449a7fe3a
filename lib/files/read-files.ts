import type { Readable } from 'node:stream';
import { type Fault, messageOf } from '../errors.ts';
import { readBounded } from '../read-bounded.ts';
import { findFiles, STDIN } from './find-files.ts';
import { textOfFile } from './text-of-file.ts';

/** Content of a file that a person names. */
export interface NamedText {
  /** Path, or `stdin`. */
  readonly name: string;
  readonly text: string;
}

export interface HowToRead {
  /** Also read the files of the folders in a folder. */
  readonly recursive: boolean;
  /** One of MAX_FILE_BYTES, for each file. */
  readonly maxBytes: number;
  /** `keep` for files that are written back. */
  readonly byteOrderMark: 'drop' | 'keep';
  /** Content of the files, for errors: `manifests`. */
  readonly content: string;
}

/**
 * Reads the files that paths name: a file, `-` for stdin, or the files of a folder in the order of their
 * names. A file that several paths lead to is read once, at its first place.
 * @returns the files, and a fault `UNREADABLE_FILE` for each path that cannot be read
 */
export async function readFiles(
  paths: readonly string[],
  stdin: Readable,
  { recursive, maxBytes, byteOrderMark, content }: HowToRead,
): Promise<{ readonly files: readonly NamedText[]; readonly faults: readonly Fault[] }> {
  const faults: Fault[] = [];
  const files: NamedText[] = [];
  const known = new Set<string>();
  const nameOf = (path: string) => (path === STDIN ? 'stdin' : path);
  const unreadable = (path: string, thrown: unknown) =>
    faults.push({
      code: 'UNREADABLE_FILE',
      object: nameOf(path),
      problem: messageOf(thrown),
      remedy: `name a file or a folder of ${content} in UTF-8 that this process may read`,
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
        const bytes = path === STDIN ? await readAll(stdin, maxBytes) : read(path, maxBytes);
        // Text that cannot be decoded could not be written back either.
        files.push({ name: nameOf(path), text: textOfFile(bytes, byteOrderMark) });
      } catch (thrown) {
        unreadable(path, thrown);
      }
    }
  }
  return { files, faults };
}

async function readAll(stdin: Readable, maxBytes: number): Promise<Buffer> {
  const bytes = await readBounded(stdin, maxBytes);
  if (!bytes) throw new Error(`is larger than ${maxBytes} bytes`);
  return bytes;
}
