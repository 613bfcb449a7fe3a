import type { Finding } from '../../chain/finding.ts';
import { findingsOf } from '../../chain/findings-of.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { TokenFacts } from '../../facts/cluster-facts.ts';
import { valueIn } from '../../facts/value-in.ts';

const { warning } = findingsOf('token');

/** STS allows `exp` five minutes of grace. [iam] */
const GRACE_SECONDS = 300;

/**
 * Compares the clock of the API server with that of this machine. Which of the two is wrong cannot be said,
 * so this is only a warning. If STS answered, its clock decides, and the link `exchange` judges it.
 */
export function judgeClock(facts: ChainFacts, object: string, { issuedAt }: TokenFacts): Finding | undefined {
  if (valueIn(facts.aws.exchange)?.clockSkewSeconds !== undefined) return undefined;
  const ahead = valueIn(facts.cluster.clockSkewSeconds) ?? skewIn(issuedAt, facts.collectedAt);
  if (ahead === undefined || Math.abs(ahead) <= GRACE_SECONDS) return undefined;
  const difference = `${Math.abs(ahead)} s ${ahead > 0 ? 'ahead of' : 'behind'} that of this machine`;
  return warning('CLOCK_WRONG', {
    object,
    expected: `has times that differ from the clock of this machine by at most ${GRACE_SECONDS} s`,
    found: `is issued at ${issuedAt}: the clock of the API server is ${difference}`,
    remedy: {
      text: 'correct the clocks of the control plane, or that of this machine if it is the wrong one, for example with NTP',
      commands: [],
    },
  });
}

function skewIn(issuedAt: string, collectedAt: string): number | undefined {
  const seconds = (Date.parse(issuedAt) - Date.parse(collectedAt)) / 1_000;
  return Number.isNaN(seconds) ? undefined : Math.round(seconds);
}
