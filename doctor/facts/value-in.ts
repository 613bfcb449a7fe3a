import type { Reading } from './reading.ts';

/** Returns the value of a reading; undefined if there is none. */
export function valueIn<T>(reading: Reading<T> | undefined): T | undefined {
  return reading?.state === 'read' ? reading.value : undefined;
}
