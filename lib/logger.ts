import { type DestinationStream, type Logger, pino } from 'pino';
import { codeOf, messageOf, PodroleError } from './errors.ts';

export type { Logger };

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * JSON lines with ISO time and level by name. Never hand it a token, a credential or a pod: name the object instead.
 * @param destination where the lines go; stdout by default
 */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Of an error only its message, code and faults are logged: a library's error may hold a request with its headers. */
function describeError(thrown: unknown): Record<string, unknown> {
  const code = codeOf(thrown);
  return {
    message: messageOf(thrown),
    ...(code === undefined ? {} : { code }),
    ...(thrown instanceof PodroleError ? { faults: thrown.faults } : {}),
  };
}
