import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attempts, Term } from './journal.ts';
import { watchReasons } from './readiness.ts';

const PATIENCE = { intervalMs: 30_000, leaseDurationMs: 15_000 };
const BEGUN: Attempts = { sinceMs: 0, lastSuccessMs: undefined, failure: undefined };
const DONE: Attempts = { sinceMs: 0, lastSuccessMs: 1_000, failure: undefined };
const FAILING: Attempts = { ...DONE, failure: 'API server: is away; wait' };
const term = (checks: Attempts): Term => ({
  checks,
  lastSuccess: undefined,
  keys: undefined,
  hasDrift: undefined,
});

const cases: readonly (readonly [
  string,
  Attempts | undefined,
  Term | undefined,
  number,
  readonly string[],
])[] = [
  ['at the start', BEGUN, undefined, 0, ['Lease not read yet']],
  ['the Lease was read', DONE, undefined, 2_000, []],
  ['the Lease has failed for a moment', FAILING, undefined, 46_000, []],
  [
    'the Lease has failed for long',
    FAILING,
    undefined,
    46_001,
    ['Lease not read for 45 s: API server: is away; wait'],
  ],
  [
    'the Lease has failed from the start',
    { ...BEGUN, failure: 'no' },
    undefined,
    0,
    ['Lease not read yet: no'],
  ],
  ['leads and has not checked', DONE, term(BEGUN), 2_000, ['publication not checked yet']],
  ['leads and has checked', DONE, term(DONE), 2_000, []],
  [
    'leads and cannot check',
    DONE,
    term({ ...BEGUN, failure: 'no' }),
    2_000,
    ['publication not checked yet: no'],
  ],
  ['leads and fails for a moment', DONE, term(FAILING), 91_000, []],
  [
    'leads and fails for long',
    DONE,
    term(FAILING),
    92_000,
    ['publication not checked for 91 s: API server: is away; wait'],
  ],
  ['a single publisher before its first check', undefined, undefined, 0, ['publication not checked yet']],
  ['a single publisher after it', undefined, term(DONE), 2_000, []],
];
for (const [name, looks, current, nowMs, expected] of cases) {
  test(name, () => {
    const journal = { looks: () => looks, term: () => current };
    assert.deepEqual(watchReasons(journal, PATIENCE, nowMs), expected);
  });
}
