import type { Readable } from 'node:stream';
import type { Env, IsColored, Output, Progress, SignalHandling } from '../lib/surroundings.ts';

/** Parts of the process that a plan may use. */
export interface MigrateSurroundings extends Output, Pick<SignalHandling, 'signal' | 'deferSignals'> {
  readonly stdin: Readable;
  readonly env: Env;
  readonly isColored: IsColored;
  readonly progress: Progress;
}
