import type { Reading } from '../../doctor/facts/reading.ts';

/** Returns a reading that has a value. */
export function read<Value>(value: Value): Extract<Reading<Value>, { state: 'read' }> {
  return { state: 'read', value };
}

export const ABSENT = { state: 'absent' } as const;
