import { randomUUID } from 'node:crypto';
import { access, constants, link, lstat, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, messageOf, PodroleError } from '../../lib/errors.ts';
import { writeNewFile } from '../../lib/files/write-new-file.ts';

/** Only its owner may read it: it lists the weak points of a cluster. */
const MODE = 0o600;

/**
 * @param replaces true: a file there is no error
 * @throws PodroleError `NOT_WRITTEN` before anything is read for a report that could not be written
 */
export async function refuseReport(file: string, replaces: boolean): Promise<void> {
  const found = replaces ? undefined : await lstat(file).catch(() => undefined);
  if (found) throw notWritten(file, 'exists already', IN_USE);
  await access(dirname(file), constants.W_OK).catch((thrown) => {
    throw notWritten(file, messageOf(thrown), OTHER_FOLDER, thrown);
  });
}

/**
 * Writes the page whole or not at all. What stands at its place is replaced, also a symbolic link, and never
 * written through.
 * @param replaces false: a file there is an error
 * @throws PodroleError `NOT_WRITTEN`
 */
export async function writeReport(file: string, page: string, replaces: boolean): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeNewFile(draft, page, MODE);
    await (replaces ? rename(draft, file) : link(draft, file));
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') throw notWritten(file, 'exists already', IN_USE, thrown);
    throw notWritten(file, messageOf(thrown), OTHER_FOLDER, thrown);
  } finally {
    await rm(draft, { force: true }).catch(() => {});
  }
}

const IN_USE = 'give --force to replace it, or another name';
const OTHER_FOLDER = 'name a file in a folder that this user may write';

function notWritten(file: string, problem: string, remedy: string, cause?: unknown): PodroleError {
  return new PodroleError({ code: 'NOT_WRITTEN', object: `--report ${file}`, problem, remedy }, { cause });
}
