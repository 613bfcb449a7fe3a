import { systemClock } from '../lib/clock.ts';
import { renderForPrograms } from '../lib/for-programs.ts';
import type { Outcome } from '../lib/outcome.ts';
import type { Env, IsColored, Output, Progress } from '../lib/surroundings.ts';
import { painter } from '../lib/text/paint.ts';
import type { ChainFacts } from './facts/chain-facts.ts';
import { type JudgedChain, judgedChain } from './judge/verdict.ts';
import { resultOf } from './render/for-programs.ts';
import { renderChains } from './render/render-chains.ts';
import { onSameCluster } from './render/same-cluster.ts';
import { readSaved } from './saved/read-saved.ts';
import { refuseExisting, saveFacts } from './saved/save-facts.ts';
import { checkDoctorSettings, type DoctorSettings } from './settings.ts';

export interface DoctorSurroundings extends Output {
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly isColored: IsColored;
  readonly progress: Progress;
}

/**
 * Runs `podrole doctor`, which changes nothing: collects the facts of each chain, or reads saved ones, judges
 * their links, and prints what it found.
 * @param operands pods, workloads and ServiceAccounts to judge
 * @returns `changes` if a link is broken, `incomplete` if too little could be read to call all chains healthy
 * @throws PodroleError if there is nothing to judge, or if facts cannot be saved or read back
 */
export async function runDoctor(
  settings: DoctorSettings,
  surroundings: DoctorSurroundings,
  operands: readonly string[],
): Promise<Outcome> {
  checkDoctorSettings(settings, operands);
  const { stdout, stderr, isColored, progress } = surroundings;
  const { save, offline, output } = settings;
  if (save !== undefined) await refuseExisting(save);
  const startedMs = systemClock.monotonicMs();
  const facts = offline === undefined ? await collect() : await readSaved(offline);
  const chains = facts.map((each) => onSameCluster(judgedChain(each), settings));
  const tookMs = systemClock.monotonicMs() - startedMs;
  progress.clear();
  stdout.write(
    output === 'text'
      ? renderChains(chains, painter(isColored.stdout))
      : renderForPrograms(resultOf(chains, tookMs), output),
  );
  if (save !== undefined) {
    await saveFacts(save, facts);
    stderr.write(`saved the facts to ${save}; its README.txt says what they hold\n`);
  }
  return outcomeOf(chains);

  async function collect(): Promise<readonly ChainFacts[]> {
    // The SDK of AWS is loaded only if it is used.
    const { collectFacts } = await import('./collect/collect-facts.ts');
    return collectFacts({ settings, operands, ...surroundings });
  }
}

function outcomeOf(chains: readonly JudgedChain[]): Outcome {
  if (chains.some(({ verdict }) => verdict === 'broken')) return 'changes';
  return chains.every(({ verdict }) => verdict === 'healthy') ? 'done' : 'incomplete';
}
