import { SIGNATURE_CLOCK_SKEW_SECONDS } from '../../../../lib/contract/sts.ts';
import type { Trouble } from '../../../chain/findings-of.ts';
import type { ChainFacts } from '../../../facts/chain-facts.ts';

/** Returns which clocks differ from that of STS by more than it tolerates. */
export function clockWarnings({ aws, cluster }: ChainFacts): readonly Trouble[] {
  const ofSts = aws.exchange.state === 'read' ? aws.exchange.value.clockSkewSeconds : undefined;
  if (ofSts === undefined) return [];
  const { clockSkewSeconds: ofApiServer } = cluster;
  const clocks = [
    ...(ofApiServer.state === 'read' ? [['the API server', ofApiServer.value - ofSts] as const] : []),
    ['this machine', -ofSts] as const,
  ];
  return clocks
    .filter(([, aheadSeconds]) => Math.abs(aheadSeconds) > SIGNATURE_CLOCK_SKEW_SECONDS)
    .map(([whose, aheadSeconds]) => ({
      object: `clock of ${whose}`,
      expected: `differs from that of STS by at most ${SIGNATURE_CLOCK_SKEW_SECONDS} s`,
      found: `is ${Math.abs(aheadSeconds)} s ${aheadSeconds > 0 ? 'ahead of' : 'behind'} that of STS`,
      remedy: { text: 'correct the clock, for example with NTP', commands: [] },
    }));
}
