import type { Writable } from 'node:stream';

/** Parts of the process that a command of this room may use. */
export interface BindSurroundings {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}
