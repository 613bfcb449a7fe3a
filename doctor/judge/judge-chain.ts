import type { Finding } from '../chain/finding.ts';
import type { Link } from '../chain/link.ts';
import type { ChainFacts } from '../facts/chain-facts.ts';
import type { LinkId } from '../link-ids.ts';

/**
 * Judges every link in order. A link that needs a broken or skipped one is skipped: its findings would repeat
 * the fault in other words.
 * @returns at least one finding per link that applies, in the order of the links
 */
export function judgeChain(links: readonly Link[], facts: ChainFacts): readonly Finding[] {
  const findings: Finding[] = [];
  const failed = new Set<LinkId>();
  for (const link of links) {
    if (link.applies?.(facts) === false) continue;
    const cause = link.needs.find((needed) => failed.has(needed));
    const found = cause === undefined ? link.judge(facts) : [skipped(link, cause)];
    if (found.some(({ state }) => state === 'broken' || state === 'skipped')) failed.add(link.id);
    findings.push(...found);
  }
  return findings;
}

function skipped({ id, title }: Link, cause: LinkId): Finding {
  return {
    link: id,
    state: 'skipped',
    code: undefined,
    object: title,
    expected: '',
    found: `not judged, because it depends on: ${cause}`,
    remedy: undefined,
    details: [],
  };
}
