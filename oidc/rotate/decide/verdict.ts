import type { Fault } from '../../../lib/errors.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Override, RotationState } from '../state/state.ts';

/** The change that the operator must make on the API servers. */
export type Task = 'trust' | 'switch' | 'finish' | 'untrust';

/** Judgement of the guard on a step. */
export type Verdict =
  /** Nothing is left to do. */
  | { readonly kind: 'done' }
  /** The step must not be done now. */
  | { readonly kind: 'refused'; readonly faults: readonly Fault[]; readonly record?: RotationState }
  /** The step is allowed, but the operator's change is not visible yet on every API server. */
  | {
      readonly kind: 'waiting';
      readonly task: Task;
      readonly faults: readonly Fault[];
      readonly record?: RotationState;
    }
  /** Record the state if it changes, then change the publication, then ask the guard again. */
  | {
      readonly kind: 'proceed';
      readonly record?: RotationState;
      readonly publish?: { readonly add: string } | { readonly drop: string };
    }
  /** Everything was seen. With this state, the step is done. */
  | { readonly kind: 'complete'; readonly record: RotationState };

export interface GuardRequest {
  readonly state: RotationState | undefined;
  readonly evidence: Evidence;
  /** Time after the evidence was collected. */
  readonly nowMs: number;
  /** `--token-lifetime` */
  readonly tokenLifetimeSeconds: number;
  readonly issuer: string;
  /** For `start`: the kid of the new key. */
  readonly newKid?: string;
  /** `--now`: waits are skipped, checks never. */
  readonly override?: Override;
}

/** A request for a step of a rotation that is under way. */
export interface StepRequest extends GuardRequest {
  readonly state: RotationState;
}

export function refused(faults: Fault | readonly Fault[], record?: RotationState): Verdict {
  const all = 'code' in faults ? [faults] : faults;
  return { kind: 'refused', faults: all, ...(record && { record }) };
}
