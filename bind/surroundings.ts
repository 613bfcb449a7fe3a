import type { Writable } from 'node:stream';
import type { Env } from '../lib/surroundings.ts';

/** Parts of the process that a command of this room may use. */
export interface BindSurroundings {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Env;
  readonly signal: AbortSignal;
}
