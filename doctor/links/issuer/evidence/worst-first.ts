import type { Finding } from '../../../chain/finding.ts';

const RANK: readonly Finding['state'][] = ['broken', 'unknown', 'warning', 'ok', 'skipped'];

/** Returns findings in the order in which a reader should see them. */
export function worstFirst(found: readonly Finding[]): readonly Finding[] {
  return found.toSorted((a, b) => RANK.indexOf(a.state) - RANK.indexOf(b.state));
}
