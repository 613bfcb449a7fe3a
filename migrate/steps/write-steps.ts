import { readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, messageOf, PodroleError } from '../../lib/errors.ts';
import { makeFolder } from '../../lib/files/make-folder.ts';
import { writeNewFile } from '../../lib/files/write-new-file.ts';
import { compareText } from '../../lib/text/compare.ts';
import type { MigrationModel } from '../model.ts';
import type { StepFile } from './parts/step-file.ts';
import { stepFiles } from './step-files.ts';

const FOLDER_MODE = 0o755;
const FILE_MODE = 0o644;

export interface HowToWrite {
  /** Replaces files that differ. */
  readonly force: boolean;
}

export interface WrittenSteps {
  /** Paths of the files that were written, relative to the folder. */
  readonly written: readonly string[];
  /** Paths of files that were the same already. */
  readonly unchanged: readonly string[];
  /** Paths of files in the folder that are not of this plan. They stay, also with `force`. */
  readonly foreign: readonly string[];
}

/**
 * Writes the files of the three steps into a folder, which is created if it is missing. A folder that holds
 * other files than exactly these is refused before anything is written: the undo of a step is made of what
 * there was when its plan was made.
 * @throws PodroleError `FILE_EXISTS`, `NOT_WRITTEN`
 */
export async function writeSteps(
  model: MigrationModel,
  folder: string,
  { force }: HowToWrite,
): Promise<WrittenSteps> {
  const files = stepFiles(model);
  try {
    const present = await filesIn(folder);
    const planned = new Set(files.map(({ path }) => path));
    const foreign = [...present.keys()].filter((path) => !planned.has(path));
    const parents = new Set(files.flatMap(({ path }) => foldersOf(path)));
    const inTheWay = foreign.find((path) => parents.has(path));
    if (inTheWay !== undefined) throw notAFolder(folder, inTheWay);
    const changed: StepFile[] = [];
    // A link is not followed, and a pipe would never end.
    for (const file of files)
      if (present.get(file.path) === 'other' || !(await isWritten(folder, file))) changed.push(file);
    const isNew = present.size === 0;
    if (!force && !isNew && (changed.length > 0 || foreign.length > 0)) throw existing(folder);
    for (const { path, text } of changed) {
      const file = join(folder, path);
      await makeFolder(dirname(file), FOLDER_MODE);
      if (force) await rm(file, { force: true });
      await writeNewFile(file, text, FILE_MODE);
    }
    const written = new Set(changed.map(({ path }) => path));
    const unchanged = [...planned].filter((path) => !written.has(path));
    return { written: [...written], unchanged, foreign };
  } catch (thrown) {
    if (thrown instanceof PodroleError) throw thrown;
    throw notWritten(folder, thrown);
  }
}

/** Returns the paths of everything in a folder but folders; none if it does not exist. */
async function filesIn(folder: string): Promise<ReadonlyMap<string, 'file' | 'other'>> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const found = entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name).slice(join(folder, '/').length);
        return [path, entry.isFile() ? 'file' : 'other'] as const;
      });
    return new Map(found.sort(([one], [other]) => compareText(one, other)));
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return new Map();
    throw thrown;
  }
}

/** Returns the folders of a path: `a` and `a/b` of `a/b/c`. */
function foldersOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
}

/** A link in its place could lead anywhere, so not even --force writes there. */
function notAFolder(folder: string, path: string): PodroleError {
  return new PodroleError({
    code: 'FILE_EXISTS',
    object: `--out ${folder}`,
    problem: `holds ${path}, which is not a folder, or is a link`,
    remedy: 'remove it, or name a new folder',
  });
}

async function isWritten(folder: string, { path, text }: StepFile): Promise<boolean> {
  try {
    return (await readFile(join(folder, path), 'utf8')) === text;
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return false;
    throw thrown;
  }
}

function existing(folder: string): PodroleError {
  return new PodroleError({
    code: 'FILE_EXISTS',
    object: `--out ${folder}`,
    problem: 'holds other files than those of this plan',
    remedy: 'name a new folder, so that the undo of earlier steps stays; --force replaces files that differ',
  });
}

function notWritten(folder: string, thrown: unknown): PodroleError {
  return new PodroleError(
    {
      code: 'NOT_WRITTEN',
      object: `--out ${folder}`,
      problem: messageOf(thrown),
      remedy: 'name a new folder in one that you may write to',
    },
    { cause: thrown },
  );
}
