import { isDeepStrictEqual } from 'node:util';
import { PodroleError } from '../../../lib/errors.ts';
import type { GuardRequest, Verdict } from '../decide/verdict.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { RotationState, RotationStep } from '../state/state.ts';
import { guard } from './guard.ts';

/** What a step may do to the world. */
export interface StepEffects {
  /** Looks at the API servers and at the publication. */
  readonly collect: () => Promise<Evidence>;
  /** Stores the state beside the publication; throws where somebody else stored one meanwhile. */
  readonly record: (state: RotationState) => Promise<void>;
  /** Adds a key to the publication or drops one; doing it twice changes nothing more. */
  readonly publish: (change: { readonly add: string } | { readonly drop: string }) => Promise<void>;
  readonly nowMs: () => number;
}

export interface StepOutcome {
  /** The last word of the guard. */
  readonly verdict: Exclude<Verdict, { kind: 'proceed' }>;
  readonly evidence: Evidence;
  /** As it is stored now. */
  readonly state: RotationState | undefined;
  readonly nowMs: number;
}

/** Allowed, removed or added, seen: three rounds; more mean that the publication does not hold what was written. */
const MAX_ROUNDS = 5;

/**
 * Takes one step: looks, asks the guard, records, publishes, and looks again until the guard has nothing more to be done.
 * It may end between any two of these: taken again, the step goes on from what it finds.
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
    problem: `does not hold what ${step} wrote to it`,
    remedy: 'see who else writes to this place, end that, and run the step again',
  });
}
