import type { SignalHandling } from '../lib/surroundings.ts';

/** A signal that asks a process to end. */
export type EndingSignal = 'SIGTERM' | 'SIGINT';
const ENDING_SIGNALS: readonly EndingSignal[] = ['SIGTERM', 'SIGINT'];
const PASSED_SIGNALS = [...ENDING_SIGNALS, 'SIGHUP', 'SIGQUIT'] as const;

export interface Interruptions {
  /** Called when the process must end at once; afterwards it ends. */
  readonly onInterrupted: (signal: EndingSignal) => void;
  /** Called when changes are in progress, which are brought to an end first. */
  readonly onDeferred: () => void;
}

export interface HandledSignals extends SignalHandling {
  /** Returns the signal that the process must end by once its work is over; undefined if there was none. */
  readonly deferred: () => EndingSignal | undefined;
}

/**
 * Handles the signals of this process. Work that only reads ends with the process at once: nothing that it
 * waits for, such as a server or a file system, can delay that or be blamed for it. Changes end in order. A
 * second signal then ends the process at once.
 * @param exitCode of a process that does not receive its own signals
 */
export function handleSignals(
  { onInterrupted, onDeferred }: Interruptions,
  exitCode: number,
): HandledSignals {
  const stopping = new AbortController();
  const running = { changes: 0, servers: 0 };
  let deferred: EndingSignal | undefined;
  const during = async <Result>(kind: keyof typeof running, work: () => Promise<Result>): Promise<Result> => {
    running[kind] += 1;
    try {
      return await work();
    } finally {
      running[kind] -= 1;
    }
  };
  const heed = (signal: EndingSignal) => {
    const isFirst = !stopping.signal.aborted;
    stopping.abort();
    if (isFirst && running.servers > 0) {
      leaveToSystem(heed);
    } else if (isFirst && running.changes > 0) {
      deferred = signal;
      onDeferred();
    } else {
      onInterrupted(signal);
      endBySignal(signal, exitCode);
    }
  };
  for (const signal of ENDING_SIGNALS) process.on(signal, heed);
  return {
    signal: stopping.signal,
    deferSignals: (work) => during('changes', work),
    serveUntilSignal: (work) => during('servers', work),
    passSignals: async (pass, work) => {
      leaveToSystem(heed);
      for (const signal of PASSED_SIGNALS) process.on(signal, pass);
      try {
        return await work();
      } finally {
        for (const signal of PASSED_SIGNALS) process.off(signal, pass);
        for (const signal of ENDING_SIGNALS) process.on(signal, heed);
      }
    },
    deferred: () => deferred,
  };
}

function leaveToSystem(heed: (signal: EndingSignal) => void): void {
  for (const signal of ENDING_SIGNALS) process.off(signal, heed);
}

/**
 * Ends the process even if one of its threads waits for a file system. `process.exit` waits for all threads.
 * @param exitCode of a process that does not receive its own signals: the first one of a container
 */
export function endBySignal(signal: EndingSignal, exitCode: number): never {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  process.exit(exitCode);
}
