import type { Fault } from '../../../lib/errors.ts';
import { isoTime } from '../state/iso-time.ts';
import type { RotationStep } from '../state/state.ts';

/** The fault of a step whose wait is not over. */
export function tooEarly(step: RotationStep, fromMs: number, breaks: string): Fault {
  return {
    code: 'ROTATION_TOO_EARLY',
    object: step,
    problem: `is allowed from ${isoTime(fromMs)}; before that, ${breaks}`,
    remedy: 'run it again then, or skip the wait with --now --reason TEXT',
  };
}
