import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from '../errors.ts';
import { MAX_FILE_BYTES, readRegularFile } from './read-file.ts';

/** Stands for the content of a file that exists but cannot be read, is too large or is not a regular file. */
export const UNREADABLE = Symbol('unreadable');

/** Content of each file; undefined if the file is missing. */
export type FileContents = readonly (string | undefined | typeof UNREADABLE)[];

export interface FileWatch {
  readonly paths: readonly string[];
  /** Contents that the caller already knows. */
  readonly known: FileContents;
  /** Called with the contents of all files when one has changed; must not throw. */
  readonly onChange: (contents: FileContents) => void;
  /** Interval at which the files are read even without an event: events get lost on network file systems. */
  readonly pollMs?: number;
}

const POLL_MS = 10_000;
/** Both files of a pair are written within this time, and a swap of `..data` causes several events. */
const SETTLE_MS = 50;

/** The file is missing, or its folder. */
const MISSING: readonly (string | undefined)[] = ['ENOENT', 'ENOTDIR'];

export function readFiles(paths: readonly string[]): Promise<FileContents> {
  return Promise.all(paths.map(readContent));
}

/**
 * Reads a file without its byte order mark, which OpenSSL takes for a part of the first line. The caller
 * checks the content.
 */
async function readContent(path: string): Promise<FileContents[number]> {
  try {
    return new TextDecoder().decode(await readRegularFile(path, MAX_FILE_BYTES.configuration));
  } catch (thrown) {
    return MISSING.includes(codeOf(thrown)) ? undefined : UNREADABLE;
  }
}

/**
 * Calls back when one of the files changes. Watches their folders rather than the files: kubelet replaces a
 * mounted Secret or ConfigMap by swapping the symlink `..data` beside them, which a watch on the file itself
 * would not see.
 * @returns a function that stops watching
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

  /** Further events do not delay the check: in a busy folder it would never happen. */
  function checkSoon(): void {
    if (stopped || settling) return;
    settling = setTimeout(() => {
      settling = undefined;
      void check();
    }, SETTLE_MS).unref();
  }

  /** At each poll, tries again the folders that were missing, or whose watch has ended. */
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
