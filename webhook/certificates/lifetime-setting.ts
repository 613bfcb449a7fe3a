import { durationMs, type Setting } from '../../lib/settings/settings.ts';

const DEFAULT_MS = 90 * 24 * 3_600_000;
/** The steps of a renewal, and what delays them, must fit into a third of it. */
const MIN_MS = 60_000;

const duration = durationMs(
  DEFAULT_MS,
  'How long a certificate is valid, at least 1m; renewed at two thirds; only for --in-cluster',
);

export const certificateLifetime: Setting<number> = {
  ...duration,
  fallbackText: '2160h',
  parse: (given) => {
    const ms = duration.parse(given);
    if (ms < MIN_MS) throw new Error('a duration of 1m or more');
    return ms;
  },
};
