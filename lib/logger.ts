import { type DestinationStream, type Logger, pino } from 'pino';
import { codeOf, PodroleError } from './errors.ts';
import { redactSecrets } from './text/redact.ts';

export type { Logger };

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Creates a logger that writes JSON lines with an ISO time and the name of the level. Never log a token, a
 * credential or the body of a pod: log the name of the object instead.
 * @param destination stream for the lines. If it has a file descriptor, the lines are written in the
 *   background, several at a time: waiting for each line would cost a busy server a seventh of its time. If
 *   the reader goes away, the server continues.
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
  return pino(options, fd === undefined ? destination : backgroundDestination(fd));
}

/** Most bytes of lines that wait, for example for space on a full disk; further lines are dropped. */
const MAX_WAITING_BYTES = 1024 * 1024;

function backgroundDestination(fd: number): DestinationStream {
  const stream = pino.destination({ fd, sync: false, maxLength: MAX_WAITING_BYTES });
  // A line that cannot be written must stop nothing. The next line tries again; but the flush at the end of
  // the process, which tries without end, must not.
  stream.on('error', () => {
    stream.flushSync = () => undefined;
  });
  return stream;
}

/** Picks message, code and faults: the error of a library may also contain a request with its headers. */
function describeError(thrown: unknown): Record<string, unknown> {
  const code = codeOf(thrown);
  return {
    message: redactSecrets(thrown instanceof Error ? thrown.message : String(thrown)),
    ...(code === undefined ? {} : { code }),
    ...(thrown instanceof PodroleError ? { faults: thrown.faults } : {}),
  };
}
