import type { Finding, FindingState } from '../../doctor/chain/finding.ts';
import type { LinkId } from '../../doctor/link-ids.ts';

/** Returns a finding that says nothing but what the test gives. */
export function finding(link: LinkId, state: FindingState, given: Partial<Finding> = {}): Finding {
  const texts = { object: link, expected: '', found: '', details: [] };
  return { link, state, code: undefined, remedy: undefined, ...texts, ...given };
}
