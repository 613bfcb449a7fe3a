import type { Writable } from 'node:stream';

/** Environment variables by name. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Returns a number that is uniform in [0, 1), like Math.random. Tests pass their own. */
export type Random = () => number;

/** Streams that a command prints to. */
export interface Output {
  /** The result. */
  readonly stdout: Writable;
  /** Notes, warnings and errors. */
  readonly stderr: Writable;
}
