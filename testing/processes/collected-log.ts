import { createLogger, type Logger } from '../../lib/logger.ts';

export interface CollectedLog {
  readonly logger: Logger;
  /** What was logged, as one text of JSON lines. */
  readonly text: () => string;
}

/** A logger of every level whose lines a test can look at. */
export function collectLog(): CollectedLog {
  let text = '';
  const write = (line: string) => {
    text += line;
  };
  return { logger: createLogger('debug', { write }), text: () => text };
}
