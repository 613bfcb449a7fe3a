import { randomUUID } from 'node:crypto';
import { realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf, PodroleError } from '../../lib/errors.ts';
import { writeNewFile } from '../../lib/files/write-new-file.ts';

export interface NewContent {
  readonly path: string;
  readonly text: string;
}

/**
 * Writes files so that each is always either the whole old one or the whole new one. All are first written to
 * files beside them, and are renamed after every one is complete. Mode and symbolic links stay.
 * @throws PodroleError `NOT_WRITTEN`
 */
export async function writeFiles(contents: readonly NewContent[]): Promise<void> {
  const staged: { readonly target: string; readonly draft: string }[] = [];
  try {
    for (const { path, text } of contents) {
      const target = await attempt(path, () => realpath(path));
      const draft = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
      staged.push({ target, draft });
      await attempt(path, () => writeDraft(draft, text, target));
    }
    for (const { target, draft } of staged) await attempt(target, () => rename(draft, target));
  } finally {
    for (const { draft } of staged) await rm(draft, { force: true });
  }
}

async function writeDraft(draft: string, text: string, target: string): Promise<void> {
  const { mode } = await stat(target);
  await writeNewFile(draft, text, mode);
}

async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    throw new PodroleError(
      {
        code: 'NOT_WRITTEN',
        object: path,
        problem: messageOf(thrown),
        remedy: 'allow this process to write in its folder',
      },
      { cause: thrown },
    );
  }
}
