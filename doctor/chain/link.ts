import type { ChainFacts } from '../facts/chain-facts.ts';
import type { LinkId } from '../link-ids.ts';
import type { Finding } from './finding.ts';

/** A link of the chain: one pure judgement. */
export interface Link {
  readonly id: LinkId;
  /** Name for people: `trust policy`. */
  readonly title: string;
  /** Links without which this one cannot be judged: if one of them is broken, this one is skipped. */
  readonly needs: readonly LinkId[];
  /** False for a chain without this link, which then has no finding. Left out: every chain has it. */
  readonly applies?: (facts: ChainFacts) => boolean;
  /**
   * Judges the link. The first finding is the worst. It relies on no earlier link: a fact that could not be
   * read gives `unknown`.
   */
  readonly judge: (facts: ChainFacts) => readonly [Finding, ...Finding[]];
}
