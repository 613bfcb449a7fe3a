import assert from 'node:assert/strict';
import { PodroleError } from '../lib/errors.ts';

/** Asserts that an action reports as many faults as there are patterns, and that each pattern matches one. */
export function assertFaults(act: () => unknown, patterns: readonly RegExp[]): void {
  assert.throws(act, (thrown) => {
    assert.ok(thrown instanceof PodroleError);
    assert.equal(thrown.faults.length, patterns.length, thrown.message);
    for (const pattern of patterns) assert.match(thrown.message, pattern);
    return true;
  });
}
