import { type DestinationStream, type Logger, pino } from 'pino';
import { codeOf, messageOf, PodroleError } from './errors.ts';
import { redactSecrets } from './text/redact.ts';

export type { Logger };

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Creates a logger of JSON lines with ISO time and level by name. Never give it a token, a credential or a pod
 * body: log the name of the object instead.
 * @param destination of the lines. One with a file descriptor is written to in the background, several lines at
 *   a time: to wait for each line would cost a busy server a seventh of its time. If its reader goes away, the
 *   server goes on.
 */
export function createLogger(
  level: LogLevel,
  destination: DestinationStream & { readonly fd?: number },
): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
  };
  const { fd } = destination;
  return pino(options, fd === undefined ? destination : pino.destination({ fd, sync: false }));
}

/** Picks message, code and faults of an error: a library's error may contain a request with its headers. */
function describeError(thrown: unknown): Record<string, unknown> {
  const code = codeOf(thrown);
  return {
    message: redactSecrets(messageOf(thrown)),
    ...(code === undefined ? {} : { code }),
    ...(thrown instanceof PodroleError ? { faults: thrown.faults } : {}),
  };
}
