import type { Writable } from 'node:stream';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';

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

/** Streams that get colors, since a person reads them. */
export interface IsColored {
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** Ways to handle SIGTERM and SIGINT. By default, they end the process at once. */
export interface SignalHandling {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /**
   * Runs changes. A signal during them does not end the process: they must end themselves in order when
   * `signal` is aborted, after the change in progress. The process then ends by that signal.
   */
  readonly deferSignals: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** Runs a server, which ends in order when `signal` is aborted. The process then ends by itself. */
  readonly serveUntilSignal: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** Runs another program, which gets the signals, also SIGHUP and SIGQUIT. They end nothing here. */
  readonly passSignals: <Result>(
    pass: (signal: NodeJS.Signals) => void,
    work: () => Promise<Result>,
  ) => Promise<Result>;
}

/** Reports of long work to a person. */
export interface Progress {
  /** Says what is done now, and how far it is: `reading roles`, 120 of 200. */
  readonly show: (work: string, done?: number, total?: number) => void;
  /** Removes the report from the screen before something else is printed. */
  readonly clear: () => void;
}

/** Surroundings of a process that serves many workloads until it is told to end. */
export interface ServingSurroundings {
  readonly env: Env;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly randomBytes: (length: number) => Buffer;
  /** Aborted when the process must end. */
  readonly signal: AbortSignal;
}
