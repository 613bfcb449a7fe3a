import type { ProgramFormat } from '../../lib/for-programs.ts';
import { renderForPrograms } from '../../lib/for-programs.ts';
import type { Outcome } from '../../lib/outcome.ts';
import type { IsColored, Output, Progress } from '../../lib/surroundings.ts';
import { painter } from '../../lib/text/paint.ts';
import { type CheckInput, collectCheck } from './collect/collect-check.ts';
import { judgeCheck } from './judge-check.ts';
import type { MigrationCheck } from './model.ts';
import { renderCheck } from './render-check.ts';

export interface CheckSurroundings extends Pick<Output, 'stdout'> {
  readonly isColored: IsColored;
  readonly progress: Progress;
}

/**
 * Runs `podrole migrate … --check`: reads workloads, pods and the logs of the proxy, and prints who still
 * needs it.
 * @returns `done` if all workloads have moved, `changes` if one has not, `incomplete` if too little was read
 *   to say so
 */
export async function runCheck(
  input: Omit<CheckInput, 'progress'>,
  output: 'table' | ProgramFormat,
  { stdout, isColored, progress }: CheckSurroundings,
): Promise<Outcome> {
  const check = judgeCheck(await collectCheck({ ...input, progress }));
  progress.clear();
  stdout.write(
    output === 'table' ? renderCheck(check, painter(isColored.stdout)) : renderForPrograms(check, output),
  );
  return outcomeOf(check);
}

function outcomeOf({ counts, proxy, unread }: MigrationCheck): Outcome {
  if (counts['old proxy'] + counts.both + counts.waiting > 0 || proxy.isNeeded === 'yes') return 'changes';
  return counts.unknown > 0 || proxy.isNeeded === 'unknown' || unread.length > 0 ? 'incomplete' : 'done';
}
