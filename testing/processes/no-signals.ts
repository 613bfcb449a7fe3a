import type { IsColored, SignalHandling } from '../../lib/surroundings.ts';

/** No signal ever comes. */
export const NO_SIGNALS: SignalHandling = {
  signal: new AbortController().signal,
  deferSignals: (work) => work(),
  serveUntilSignal: (work) => work(),
};

export const PLAIN: IsColored = { stdout: false, stderr: false };
