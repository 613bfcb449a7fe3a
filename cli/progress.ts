import type { Writable } from 'node:stream';
import type { Progress } from '../lib/surroundings.ts';

/** Shorter work is not reported. */
const FIRST_REPORT_MS = 2_000;
const NEXT_REPORT_MS = 10_000;
/** On a terminal, where one line is written over and over. */
const REFRESH_MS = 250;
const CLEAR_LINE = '\x1b[2K\r';

export interface ShownProgress extends Progress {
  /** Ends the reports. */
  readonly end: () => void;
}

/** Nobody reads the reports. */
export const NO_PROGRESS: ShownProgress = { show: () => {}, clear: () => {}, end: () => {} };

/**
 * Reports work in progress, once it has taken two seconds: on a terminal in one line, which is removed at the
 * end; elsewhere in a line every ten seconds.
 * @param work until something else is shown: `reading IAM and the cluster`
 */
export function showProgress(
  work: string,
  stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number },
): ShownProgress {
  const isInPlace = stderr.isTTY === true;
  const pauseMs = isInPlace ? REFRESH_MS : NEXT_REPORT_MS;
  let [shown, elapsedMs, isOnScreen] = [work, 0, false];
  const clear = () => {
    if (isOnScreen) stderr.write(CLEAR_LINE);
    isOnScreen = false;
  };
  const reportAfter = (waitMs: number): NodeJS.Timeout =>
    setTimeout(() => {
      elapsedMs += waitMs;
      const line = `${shown} (${Math.floor(elapsedMs / 1_000)} s)`;
      // The cursor goes back to the start of the line: whatever is printed next overwrites it.
      stderr.write(isInPlace ? `\x1b[2K${line.slice(0, (stderr.columns || 80) - 1)}\r` : `${line}\n`);
      isOnScreen = isInPlace;
      timer = reportAfter(pauseMs);
    }, waitMs);
  let timer = reportAfter(FIRST_REPORT_MS);
  return {
    show: (now, done, total) => {
      shown = done === undefined ? now : `${now} ${total === undefined ? done : `${done}/${total}`}`;
    },
    clear,
    end: () => {
      clearTimeout(timer);
      clear();
    },
  };
}
