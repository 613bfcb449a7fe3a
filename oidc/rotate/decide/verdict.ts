import type { Fault } from '../../../lib/errors.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Override, RotationState } from '../state/state.ts';

/** What has to be done on the API servers. */
export type Task = 'trust' | 'switch' | 'finish' | 'untrust';

/** What the guard says to a step. */
export type Verdict =
  /** Nothing is left to do. */
  | { readonly kind: 'done' }
  /** It is not to be done now. */
  | { readonly kind: 'refused'; readonly faults: readonly Fault[]; readonly record?: RotationState }
  /** It is allowed, and the operator's part is not seen yet on every API server. */
  | {
      readonly kind: 'waiting';
      readonly task: Task;
      readonly faults: readonly Fault[];
      readonly record?: RotationState;
    }
  /** First the state is recorded, where it changes, then the publication is changed; then the guard is asked again. */
  | {
      readonly kind: 'proceed';
      readonly record?: RotationState;
      readonly publish?: { readonly add: string } | { readonly drop: string };
    }
  /** All was seen: with this state the step is done. */
  | { readonly kind: 'complete'; readonly record: RotationState };

export interface GuardRequest {
  readonly state: RotationState | undefined;
  readonly evidence: Evidence;
  /** Read after the evidence was collected. */
  readonly nowMs: number;
  /** `--token-lifetime` */
  readonly tokenLifetimeSeconds: number;
  readonly issuer: string;
  /** For `start`: the kid of the new key. */
  readonly newKid?: string;
  /** `--now`: waits are skipped, evidence never. */
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
