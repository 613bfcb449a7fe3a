import { type DestinationStream, type Logger, pino } from 'pino';
import { codeOf, messageOf, PodroleError } from './errors.ts';
import { redactSecrets } from './text/redact.ts';

export type { Logger };

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * JSON lines with ISO time and level by name. Never hand it a token, a credential or a pod: name the object instead.
 * @param destination where the lines go. One with a file descriptor is written to in the background, lines that come meanwhile in
 *   one go: to wait for each line would cost a busy server a seventh of its time. Its reader may leave; the server goes on.
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

/** Of an error only its message, code and faults are logged: a library's error may hold a request with its headers. */
function describeError(thrown: unknown): Record<string, unknown> {
  const code = codeOf(thrown);
  return {
    message: redactSecrets(messageOf(thrown)),
    ...(code === undefined ? {} : { code }),
    ...(thrown instanceof PodroleError ? { faults: thrown.faults } : {}),
  };
}
