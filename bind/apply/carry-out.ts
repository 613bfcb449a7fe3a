import { throwIfAny } from '../../lib/errors.ts';
import type { Plan } from '../plan/plan-step.ts';
import type { BindSurroundings } from '../surroundings.ts';
import { type ApplyTools, applySteps } from './apply.ts';
import { planJson, renderPlan } from './render-plan.ts';

export interface CarryOutSettings {
  readonly approve: boolean;
  readonly exitCode: boolean;
  /** Print the plan for a program; with `approve` after it is done. */
  readonly asJson: boolean;
}

/**
 * Shows a plan and, with `approve`, makes its changes.
 * @returns false if something that was asked for is not done: with `exitCode` a change too
 * @throws PodroleError with the plan's faults before anything is written, and the faults of applySteps
 */
export async function carryOut(
  plan: Plan,
  { approve, exitCode, asJson }: CarryOutSettings,
  tools: Pick<ApplyTools, 'iam' | 'cluster'>,
  { stdout, stderr, signal, deferSignals }: BindSurroundings,
): Promise<boolean> {
  throwIfAny(plan.faults);
  if (!asJson) stdout.write(renderPlan(plan, approve ? 'making them' : 'give --approve to make them'));
  if (approve) {
    const say = (line: string) => stderr.write(`${line}\n`);
    await deferSignals(() => applySteps(plan.steps, { ...tools, signal, say }));
  }
  if (asJson) stdout.write(planJson(plan, approve));
  const isComplete = (plan.notDone ?? []).length === 0;
  return approve ? isComplete : !exitCode || (isComplete && plan.steps.length === 0);
}
