import type { Fault } from '../../../lib/errors.ts';
import { clockFaults } from '../decide/evidence-faults.ts';
import { nextStep } from '../decide/next-step.ts';
import type { Task } from '../decide/verdict.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { RotationState, RotationStep } from '../state/state.ts';
import { guard } from '../steps/guard.ts';
import type { StepOutcome } from '../steps/take-step.ts';

/** Result of a command, as data. */
export interface RotationReport {
  readonly step: RotationStep | 'status';
  /** `complete`: done now; `done`: was done before. */
  readonly outcome: 'complete' | 'done' | 'waiting' | 'refused' | 'status';
  readonly state: RotationState | undefined;
  /** The change to make on the API servers now. */
  readonly task: Task | undefined;
  readonly faults: readonly Fault[];
  readonly notes: readonly string[];
  readonly nowMs: number;
}

/** Returns the report of a step that was taken. */
export function reportStep(step: RotationStep, outcome: StepOutcome): RotationReport {
  const { verdict, state, evidence, nowMs } = outcome;
  return {
    step,
    outcome: verdict.kind,
    state,
    task:
      verdict.kind === 'waiting'
        ? verdict.task
        : verdict.kind === 'refused'
          ? undefined
          : nextStep(state)?.task,
    faults: verdict.kind === 'refused' || verdict.kind === 'waiting' ? verdict.faults : [],
    notes: evidence.notes,
    nowMs,
  };
}

/** Returns the report for `status`: the next step is judged but not taken. */
export function reportStatus(
  state: RotationState | undefined,
  evidence: Evidence,
  nowMs: number,
): RotationReport {
  const next = nextStep(state);
  const signers = evidence.apiServers.map(
    ({ name, signsWith }) => `API server ${name} signs with ${signsWith}`,
  );
  return {
    step: 'status',
    outcome: 'status',
    state,
    task: next?.task,
    faults: standingInTheWay(state, next?.step, evidence, nowMs),
    notes: [...signers, ...evidence.notes],
    nowMs,
  };
}

/** Faults that `status` does not repeat: the line on the next step has the time of the wait. */
const EXPECTED = new Set(['ROTATION_TOO_EARLY']);

function standingInTheWay(
  state: RotationState | undefined,
  step: RotationStep | undefined,
  evidence: Evidence,
  nowMs: number,
): readonly Fault[] {
  if (!state || !step || step === 'start') {
    return [...evidence.faults, ...clockFaults(state, evidence, nowMs)];
  }
  const { issuer, tokenLifetimeSeconds } = state;
  const verdict = guard(step, { state, evidence, nowMs, issuer, tokenLifetimeSeconds });
  if (verdict.kind !== 'refused' && verdict.kind !== 'waiting') return [];
  return verdict.faults.filter(({ code }) => !EXPECTED.has(code));
}
