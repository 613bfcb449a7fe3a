import { throwIfAny } from '../../lib/errors.ts';
import type { Outcome } from '../../lib/outcome.ts';
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
 * @returns with `approve` or `exitCode`, `incomplete` if something that was asked for cannot be done
 * @throws PodroleError with the plan's faults before anything is written, and the faults of applySteps
 */
export async function carryOut(
  plan: Plan,
  { approve, exitCode, asJson }: CarryOutSettings,
  tools: Pick<ApplyTools, 'iam' | 'cluster'>,
  { stdout, stderr, signal }: BindSurroundings,
): Promise<Outcome> {
  throwIfAny(plan.faults);
  if (!asJson) stdout.write(renderPlan(plan, approve ? 'making them' : 'give --approve to make them'));
  if (approve) await applySteps(plan.steps, { ...tools, signal, say: (line) => stderr.write(`${line}\n`) });
  if (asJson) stdout.write(planJson(plan, approve));
  if (!approve && !exitCode) return 'done';
  if ((plan.notDone ?? []).length > 0) return 'incomplete';
  return approve || plan.steps.length === 0 ? 'done' : 'changes';
}
