import { type FileContents, readFiles, watchFiles } from '../lib/files/watched-files.ts';

/** The token file between two exchanges. */
export interface FollowedToken {
  /** Remembers the content before an exchange, and ends the watch. */
  readonly remember: () => Promise<void>;
  /** Calls back when the content differs from the remembered content. */
  readonly watch: (onChange: () => void) => void;
  readonly stop: () => void;
}

/**
 * Follows the token file, so that a new token need not wait for the next attempt. It is watched only while
 * exchanges fail: a session that works is renewed by its age alone.
 */
export function followToken(file: string): FollowedToken {
  let known: FileContents = [undefined];
  let stopWatch = () => {};
  let stopped = false;
  return {
    remember: async () => {
      stopWatch();
      known = await readFiles([file]);
    },
    watch: (onChange) => {
      stopWatch();
      if (!stopped) stopWatch = watchFiles({ paths: [file], known, onChange });
    },
    stop: () => {
      stopped = true;
      stopWatch();
    },
  };
}
