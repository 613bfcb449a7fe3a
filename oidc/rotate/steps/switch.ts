import type { Fault } from '../../../lib/errors.ts';
import { distrustFaults, notSwitched, publicationFaults, signsEarly } from '../decide/evidence-faults.ts';
import { tooEarly } from '../decide/too-early.ts';
import { refused, type StepRequest, type Verdict } from '../decide/verdict.ts';
import { switchAllowedFromMs } from '../decide/waits.ts';
import { earlySwitchBreaks } from '../decide/what-breaks.ts';
import { type RotationState, withEarlySigning, withoutPublication, withoutSwitch } from '../state/state.ts';

/** `switch` of a trusted key: it signs on every API server, once STS must know it. */
export function guardSwitch(request: StepRequest): Verdict {
  const { state, evidence, nowMs, override } = request;
  const unpublished = publicationFaults(state.newKid, 'new', evidence);
  const isSigned = evidence.apiServers.some(({ signsWith }) => signsWith === state.newKid);
  const observed = isSigned ? withEarlySigning(state, nowMs) : state;
  if (unpublished.length > 0) return refused(unpublished, withoutPublication(observed));
  const faults = [
    ...publicationFaults(state.oldKid, 'old', evidence),
    ...distrustFaults(state.newKid, 'new', evidence),
    ...distrustFaults(state.oldKid, 'old', evidence),
  ];
  if (faults.length > 0) return refused(faults, observed);
  const isAllowed = state.switchAllowedAtMs !== undefined;
  const fromMs = switchAllowedFromMs(state) ?? Number.POSITIVE_INFINITY;
  if (!isAllowed && nowMs < fromMs && !override) {
    const early = signsEarly(state, evidence, earlySwitchBreaks(state, nowMs));
    return refused([tooEarly('switch', fromMs, earlySwitchBreaks(state, nowMs)), ...early], observed);
  }
  const allowed = isAllowed ? state : allow(request, fromMs);
  const missing = notSwitched(state, evidence);
  return missing.length > 0
    ? { kind: 'waiting', task: 'switch', faults: missing, record: allowed }
    : { kind: 'complete', record: switched(allowed, nowMs) };
}

/** `switch` or `finish` after the switch: an API server that signs with the old key again undoes it. */
export function guardSwitchedBack({ state, evidence }: StepRequest): Verdict | undefined {
  const back = notSwitched(state, evidence);
  if (back.length === 0) return undefined;
  const faults = back.map(
    (fault): Fault => ({
      ...fault,
      code: 'ROTATION_SWITCHED_BACK',
      problem: 'signs with the old key again; the wait for its last token starts again',
    }),
  );
  return { kind: 'waiting', task: 'switch', faults, record: withoutSwitch(state) };
}

/** State after the switch. Whether the new key signed earlier no longer matters. */
function switched({ newKeyMaySignSinceMs: _early, ...state }: RotationState, nowMs: number): RotationState {
  return { ...state, switchedAtMs: nowMs };
}

function allow({ state, override, nowMs }: StepRequest, fromMs: number): RotationState {
  const overrides = override && nowMs < fromMs ? [...state.overrides, override] : state.overrides;
  return { ...state, switchAllowedAtMs: nowMs, overrides };
}
