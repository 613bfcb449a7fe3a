import { type Phase, phaseOf, type RotationState, type RotationStep } from '../state/state.ts';
import type { Task } from './verdict.ts';
import { newTokensUntilMs, oldTokensUntilMs, switchAllowedFromMs } from './waits.ts';

/** The step that comes next, and the time from which it is allowed. */
export interface NextStep {
  readonly step: RotationStep;
  readonly notBeforeMs: number | undefined;
  /** The change on the API servers that the step needs. */
  readonly task: Task | undefined;
}

/** Returns the step that comes next; undefined if the rotation is finished. */
export function nextStep(state: RotationState | undefined): NextStep | undefined {
  const phase: Phase = state ? phaseOf(state) : 'aborted';
  if (!state || phase === 'aborted' || phase === 'starting') {
    return { step: 'start', notBeforeMs: undefined, task: undefined };
  }
  if (phase === 'published') return { step: 'trust', notBeforeMs: undefined, task: 'trust' };
  if (phase === 'trusted')
    return { step: 'switch', notBeforeMs: switchAllowedFromMs(state), task: undefined };
  if (phase === 'switching') return { step: 'switch', notBeforeMs: undefined, task: 'switch' };
  if (phase === 'switched') return { step: 'finish', notBeforeMs: oldTokensUntilMs(state), task: undefined };
  if (phase === 'finishing') return { step: 'finish', notBeforeMs: undefined, task: 'finish' };
  if (phase === 'backing-out')
    return { step: 'abort', notBeforeMs: newTokensUntilMs(state), task: undefined };
  return undefined;
}
