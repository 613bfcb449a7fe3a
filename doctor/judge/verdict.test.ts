import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finding } from '../../testing/doctor/finding.ts';
import type { FindingState } from '../chain/finding.ts';
import type { LinkId } from '../link-ids.ts';
import { type Verdict, verdictOf } from './verdict.ts';

const CASES: readonly (readonly [findings: string, verdict: Verdict])[] = [
  ['webhook ok, pod ok, exchange ok', 'healthy'],
  ['webhook ok, pod ok, exchange warning', 'healthy'],
  ['webhook unknown, pod ok, exchange ok', 'healthy'],
  ['webhook warning, pod unknown, exchange ok', 'healthy'],
  ['webhook ok, pod ok, provider unknown, role unknown, exchange ok', 'healthy'],
  ['webhook unknown, pod unknown, exchange ok', 'unknown'],
  ['webhook ok, pod ok, exchange unknown', 'unknown'],
  ['webhook ok, pod ok', 'unknown'],
  ['', 'unknown'],
  ['webhook ok, pod ok, exchange ok, permissions broken', 'broken'],
  ['webhook broken, pod skipped, exchange ok', 'broken'],
  ['webhook warning, webhook broken, exchange ok', 'broken'],
];
for (const [findings, verdict] of CASES) {
  test(`${findings || 'nothing'}: ${verdict}`, () => {
    const all = findings
      .split(', ')
      .filter(Boolean)
      .map((text) => {
        const [link, state] = text.split(' ');
        return finding(link as LinkId, state as FindingState);
      });
    assert.equal(verdictOf(all), verdict);
  });
}
