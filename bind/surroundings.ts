import type { Readable } from 'node:stream';
import type { Env, Output } from '../lib/surroundings.ts';

/** Parts of the process that a command of this room may use. */
export interface BindSurroundings extends Output {
  readonly stdin: Readable;
  readonly env: Env;
  readonly signal: AbortSignal;
}
