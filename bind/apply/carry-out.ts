import { throwIfAny } from '../../lib/errors.ts';
import { type ProgramFormat, renderForPrograms } from '../../lib/for-programs.ts';
import type { Outcome } from '../../lib/outcome.ts';
import type { Progress } from '../../lib/surroundings.ts';
import { painter } from '../../lib/text/paint.ts';
import type { Plan } from '../plan/plan-step.ts';
import type { BindSurroundings } from '../surroundings.ts';
import { type ApplyTools, applySteps } from './apply.ts';
import { countChanges } from './count-changes.ts';
import type { PlanTarget } from './plan-target.ts';
import { planForPrograms, renderPlan } from './render-plan.ts';

export interface CarryOutSettings {
  readonly approve: boolean;
  readonly exitCode: boolean;
  /** Print unchanged bindings and all documents. */
  readonly details: boolean;
  readonly target: PlanTarget;
  /** Other than text prints the plan for a program; with `approve` after it is done. */
  readonly output: 'text' | ProgramFormat;
}

/**
 * Shows a plan and, with `approve`, makes its changes.
 * @returns with `approve` or `exitCode`, `incomplete` if something that was asked for cannot be done
 * @throws PodroleError with the plan's faults before anything is written, and the faults of applySteps
 */
export async function carryOut(
  plan: Plan,
  { approve, exitCode, details, target, output }: CarryOutSettings,
  tools: Pick<ApplyTools, 'iam' | 'targetIam' | 'cluster'>,
  { stdout, stderr, isColored, progress, signal, deferSignals }: BindSurroundings,
): Promise<Outcome> {
  throwIfAny(plan.faults);
  progress.clear();
  if (output === 'text') {
    const todo = approve ? 'making them' : 'give --approve to make them';
    stdout.write(renderPlan(plan, { target, todo, details, paint: painter(isColored.stdout) }));
  }
  if (approve) {
    const print = (line: string) => {
      progress.clear();
      stderr.write(`${line}\n`);
    };
    const say = reportChanges(plan.steps.length, print, progress);
    await deferSignals(() => applySteps(plan.steps, { ...tools, signal, say }));
    const made = countChanges(plan.steps, 'made');
    if (output === 'text' && made.length > 0) print(`Done: ${made.join(', ')}`);
  }
  if (output !== 'text') stdout.write(renderForPrograms(planForPrograms(plan, approve), output));
  if (!approve && !exitCode) return 'done';
  if ((plan.notDone ?? []).length > 0) return 'incomplete';
  return approve || plan.steps.length === 0 ? 'done' : 'changes';
}

/** Returns what prints a line for each change that is made, and shows how many are. */
export function reportChanges(
  total: number,
  print: (line: string) => void,
  progress: Progress,
): (line: string) => void {
  let done = 0;
  progress.show('making changes', done, total);
  return (line) => {
    print(line);
    done += 1;
    progress.show('making changes', done, total);
  };
}
