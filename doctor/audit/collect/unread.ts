import { printable } from '../../../lib/text/printable.ts';
import { redactSecrets } from '../../../lib/text/redact.ts';
import type { Reading } from '../../facts/reading.ts';

/** Collects what could not be read, in words. */
export interface Unread {
  readonly texts: readonly string[];
  /** Adds a reading that has no value. */
  readonly note: (what: string, reading: Reading<unknown>, missing: string) => void;
  readonly add: (text: string) => void;
}

export function createUnread(): Unread {
  const texts: string[] = [];
  const add = (text: string) => {
    texts.push(printable(redactSecrets(text)));
  };
  return {
    texts,
    add,
    note: (what, reading, missing) => {
      if (reading.state === 'denied')
        add(`${what}: you need this right: ${reading.needs} (${reading.said}); without it: ${missing}`);
      if (reading.state === 'failed') {
        const { said, remedy } = reading;
        add(`${what}: ${remedy === undefined ? said : `${remedy} (${said})`}; without it: ${missing}`);
      }
    },
  };
}
