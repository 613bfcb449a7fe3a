import { createLogger, type Logger } from '../../lib/logger.ts';

export interface CollectedLog {
  readonly logger: Logger;
  /** Returns the log as one string of JSON lines. */
  readonly text: () => string;
}

/** Creates a logger that records every level for a test. */
export function collectLog(): CollectedLog {
  let text = '';
  const write = (line: string) => {
    text += line;
  };
  return { logger: createLogger('debug', { write }), text: () => text };
}
