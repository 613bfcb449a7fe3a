import type { AuditedChain } from '../audit/model.ts';
import type { Finding, FindingState } from '../chain/finding.ts';
import { wasNotAsked } from '../chain/findings-of.ts';
import { LINK_IDS, type LinkId } from '../link-ids.ts';

/** The worst first. Skipped links say nothing of their own. */
export const CHAIN_STATES = ['broken', 'warning', 'unknown', 'ok'] as const;
export type ChainState = (typeof CHAIN_STATES)[number];

export interface LinkState {
  readonly id: LinkId;
  readonly state: FindingState;
}

/** Returns the state of a whole chain: that of its worst link. */
export function stateOf(chain: AuditedChain): ChainState {
  const states = new Set(chain.findings.map(shownState));
  return CHAIN_STATES.find((state) => states.has(state)) ?? 'ok';
}

/**
 * Returns every link in order. A link with several findings has the state of the worst. A link without a
 * finding was not judged.
 */
export function linkStates(findings: readonly Finding[]): readonly LinkState[] {
  const byLink = Map.groupBy(findings, ({ link }) => link);
  return LINK_IDS.filter((id) => byLink.has(id) || !OPTIONAL.includes(id)).map((id) => {
    const states = new Set((byLink.get(id) ?? []).map(shownState));
    const worst = ORDER.find((state) => states.has(state));
    return { id, state: worst ?? 'skipped' };
  });
}

/** Links that only some chains have. */
const OPTIONAL: readonly LinkId[] = ['target'];

/** Links that take a token or a live call, or policies of a role. An audit never asks for these. */
const NEVER_ASKED: readonly LinkId[] = ['token', 'api-audience', 'exchange', 'permissions'];

/**
 * State that a reader cares about. What no audit asks for is skipped, since all chains would be unknown
 * otherwise. What this audit could not ask for, such as a role of another account, stays unknown.
 */
export function shownState(finding: Finding): FindingState {
  return NEVER_ASKED.includes(finding.link) && wasNotAsked(finding) ? 'skipped' : finding.state;
}

const ORDER: readonly FindingState[] = ['broken', 'warning', 'unknown', 'skipped', 'ok'];
