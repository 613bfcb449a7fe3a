import { NEVER_ABORTED } from '../../lib/never-aborted.ts';
import type { IsColored, SignalHandling } from '../../lib/surroundings.ts';

/** No signal ever comes. */
export const NO_SIGNALS: SignalHandling = {
  signal: NEVER_ABORTED,
  deferSignals: (work) => work(),
  serveUntilSignal: (work) => work(),
  passSignals: (_pass, work) => work(),
};

export const PLAIN: IsColored = { stdout: false, stderr: false };
