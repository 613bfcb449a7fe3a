import { isDeepStrictEqual } from 'node:util';
import { PodroleError } from '../../../lib/errors.ts';
import type { GuardRequest, Verdict } from '../decide/verdict.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { RotationState, RotationStep } from '../state/state.ts';
import { guard } from './guard.ts';

/** Effects of a step. */
export interface StepEffects {
  /** Looks at the API servers and at the publication. */
  readonly collect: () => Promise<Evidence>;
  /** Stores the state beside the publication; throws if somebody else stored one in the meantime. */
  readonly record: (state: RotationState) => Promise<void>;
  /** Adds a key to the publication or removes one; idempotent. */
  readonly publish: (change: { readonly add: string } | { readonly drop: string }) => Promise<void>;
  readonly nowMs: () => number;
}

export interface StepOutcome {
  /** The guard's last verdict. */
  readonly verdict: Exclude<Verdict, { kind: 'proceed' }>;
  readonly evidence: Evidence;
  /** As stored now. */
  readonly state: RotationState | undefined;
  readonly nowMs: number;
}

/**
 * Three rounds are enough: allow, add or remove, see. After this many, the publication does not keep what was
 * written.
 */
const MAX_ROUNDS = 5;

/**
 * Takes one step: collects evidence, asks the guard, records, publishes, and starts over until the guard has
 * nothing more to do. It may be interrupted anywhere: the next run continues from what it finds.
 * @throws PodroleError `ROTATION_NOT_HELD`, and what the effects throw
 */
export async function takeStep(
  step: RotationStep,
  request: Omit<GuardRequest, 'evidence' | 'nowMs'>,
  effects: StepEffects,
): Promise<StepOutcome> {
  let { state } = request;
  for (let round = 1; ; round += 1) {
    const evidence = await effects.collect();
    const nowMs = effects.nowMs();
    const verdict = guard(step, { ...request, state, evidence, nowMs });
    if (verdict.kind !== 'done' && verdict.record && !isDeepStrictEqual(verdict.record, state)) {
      await effects.record(verdict.record);
      state = verdict.record;
    }
    if (verdict.kind !== 'proceed') return { verdict, evidence, state, nowMs };
    if (round === MAX_ROUNDS) throw notHeld(step);
    if (verdict.publish) await effects.publish(verdict.publish);
  }
}

function notHeld(step: RotationStep): PodroleError {
  return new PodroleError({
    code: 'ROTATION_NOT_HELD',
    object: 'publication',
    problem: `does not keep what ${step} wrote to it`,
    remedy: 'find out who else writes to this place, stop that, and run the step again',
  });
}
