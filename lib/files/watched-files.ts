import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from '../errors.ts';
import { MAX_FILE_BYTES, readRegularFile } from './read-file.ts';

/** Stands for the content of a file that is there and can't be read, is too large or no regular file. */
export const UNREADABLE = Symbol('unreadable');

/** What each file holds; undefined where it is missing. */
export type FileContents = readonly (string | undefined | typeof UNREADABLE)[];

export interface FileWatch {
  readonly paths: readonly string[];
  /** What the caller already knows the files to hold. */
  readonly known: FileContents;
  /** Called with the contents of all files when one has changed; what it throws is the caller's to prevent. */
  readonly onChange: (contents: FileContents) => void;
  /** How often the files are read even where no event came: events get lost on network file systems. */
  readonly pollMs?: number;
}

const POLL_MS = 10_000;
/** A pair of files is written within this time of each other; and a swap of `..data` is several events. */
const SETTLE_MS = 50;

/** The file, or the folder that it lies in. */
const MISSING: readonly (string | undefined)[] = ['ENOENT', 'ENOTDIR'];

export function readFiles(paths: readonly string[]): Promise<FileContents> {
  return Promise.all(paths.map(readContent));
}

/** Without a byte order mark, which OpenSSL takes for a part of the first line; what is wrong otherwise is for the reader to say. */
async function readContent(path: string): Promise<FileContents[number]> {
  try {
    return new TextDecoder().decode(await readRegularFile(path, MAX_FILE_BYTES.configuration));
  } catch (thrown) {
    return MISSING.includes(codeOf(thrown)) ? undefined : UNREADABLE;
  }
}

/**
 * Calls back when one of the files changes. It watches their folders rather than the files: kubelet replaces a mounted Secret or
 * ConfigMap by swapping the symlink `..data` beside them, which no watch on the file itself would see.
 * @returns stops watching
 */
export function watchFiles({ paths, known, onChange, pollMs = POLL_MS }: FileWatch): () => void {
  const folders = new Map<string, FSWatcher | undefined>(paths.map((path) => [dirname(path), undefined]));
  let current = known;
  let settling: NodeJS.Timeout | undefined;
  let checking = false;
  let stopped = false;

  async function check(): Promise<void> {
    if (checking) return checkSoon();
    checking = true;
    try {
      const found = await readFiles(paths);
      if (stopped || found.every((content, at) => content === current[at])) return;
      current = found;
      onChange(found);
    } finally {
      checking = false;
    }
  }

  /** Not put off by further events: a busy folder would never be looked at. */
  function checkSoon(): void {
    if (stopped || settling) return;
    settling = setTimeout(() => {
      settling = undefined;
      void check();
    }, SETTLE_MS).unref();
  }

  /** Folders that are missing yet, or whose watch has ended, are tried again at each poll. */
  function openWatches(): void {
    for (const [folder, open] of folders) {
      if (open) continue;
      try {
        const watcher = watch(folder, { persistent: false }, checkSoon);
        watcher.on('error', () => {
          watcher.close();
          folders.set(folder, undefined);
        });
        folders.set(folder, watcher);
      } catch {
        folders.set(folder, undefined);
      }
    }
  }

  openWatches();
  const poll = setInterval(() => {
    openWatches();
    checkSoon();
  }, pollMs).unref();
  checkSoon();

  return () => {
    stopped = true;
    clearInterval(poll);
    clearTimeout(settling);
    for (const watcher of folders.values()) watcher?.close();
  };
}
