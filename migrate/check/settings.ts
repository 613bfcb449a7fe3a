import { durationMs } from '../../lib/settings/kinds.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Settings of `podrole migrate … --check`. */
export const checkSettings = {
  since: durationMs({
    defaultMs: HOUR_MS,
    minMs: MINUTE_MS,
    help: 'How far back --check reads the logs of the proxy; longer than the sessions that it gives',
  }),
} as const;
