import type { Finding } from '../chain/finding.ts';
import type { JudgedChain, Verdict } from '../judge/verdict.ts';

/** `-o json` of `podrole doctor`. Its members stay; new ones may come. */
export interface DoctorResult {
  /** True if every chain is. */
  readonly healthy: boolean;
  readonly tookMs: number;
  readonly chains: readonly ChainResult[];
}

interface ChainResult {
  readonly subject: JudgedChain['facts']['subject'];
  readonly serviceAccount: string;
  readonly container: string | undefined;
  readonly roleArn: string | undefined;
  readonly verdict: Verdict;
  readonly healthy: boolean;
  readonly firstBroken: Finding | undefined;
  /** At least one finding per link, in the order of the links. */
  readonly chain: readonly Finding[];
}

export function resultOf(chains: readonly JudgedChain[], tookMs: number): DoctorResult {
  return {
    healthy: chains.every(({ verdict }) => verdict === 'healthy'),
    tookMs: Math.round(tookMs),
    chains: chains.map(({ facts, findings, verdict, firstBroken }) => ({
      subject: facts.subject,
      serviceAccount: facts.serviceAccountName,
      container: facts.container,
      roleArn: facts.grant?.roleArn,
      verdict,
      healthy: verdict === 'healthy',
      firstBroken,
      chain: findings,
    })),
  };
}
