import type { Finding } from '../chain/finding.ts';
import type { ChainFacts } from '../facts/chain-facts.ts';
import type { LinkId } from '../link-ids.ts';
import { judgeChain } from './judge-chain.ts';
import { LINKS } from './links.ts';

/**
 * - `healthy`: STS gave a session, and no link is broken
 * - `broken`: at least one link is
 * - `unknown`: no link is broken as far as it could be read, which is not far enough
 */
export type Verdict = 'healthy' | 'broken' | 'unknown';

/** A chain with the judgement of each of its links. */
export interface JudgedChain {
  readonly facts: ChainFacts;
  /** At least one per link, in the order of the links. */
  readonly findings: readonly Finding[];
  readonly verdict: Verdict;
  /** The cause: what comes later may follow from it. */
  readonly firstBroken: Finding | undefined;
}

export function judgedChain(facts: ChainFacts): JudgedChain {
  const findings = judgeChain(LINKS, facts);
  return { facts, findings, verdict: verdictOf(findings), firstBroken: findings.find(isBroken) };
}

/**
 * A session of STS proves the links from the token to the duration, also those that could not be read. It
 * does not prove that pods get the token: for that, the webhook or a pod must have been read.
 */
export function verdictOf(findings: readonly Finding[]): Verdict {
  if (findings.some(isBroken)) return 'broken';
  const isKnown = (link: LinkId) =>
    findings.some((finding) => finding.link === link && /^(?:ok|warning)$/.test(finding.state));
  return isKnown('exchange') && (isKnown('webhook') || isKnown('pod')) ? 'healthy' : 'unknown';
}

function isBroken({ state }: Finding): boolean {
  return state === 'broken';
}
