import { distrustFaults, publicationFaults, signsEarly } from '../decide/evidence-faults.ts';
import { refused, type StepRequest, type Verdict } from '../decide/verdict.ts';
import { switchAllowedFromMs } from '../decide/waits.ts';
import { earlySwitchBreaks } from '../decide/what-breaks.ts';
import { withEarlySigning, withoutPublication } from '../state/state.ts';

/** `trust` of a published key: every API server verifies with it before any of them signs with it. */
export function guardTrust({ state, evidence, nowMs }: StepRequest): Verdict {
  const allowedFromMs = switchAllowedFromMs(state) ?? Number.POSITIVE_INFINITY;
  const unpublished = publicationFaults(state.newKid, 'new', evidence);
  const faults = [
    ...unpublished,
    ...publicationFaults(state.oldKid, 'old', evidence),
    ...(nowMs < allowedFromMs ? signsEarly(state, evidence, earlySwitchBreaks(state, nowMs)) : []),
  ];
  const isSigned = evidence.apiServers.some(({ signsWith }) => signsWith === state.newKid);
  const observed = isSigned ? withEarlySigning(state, nowMs) : state;
  if (faults.length > 0) {
    return refused(faults, unpublished.length > 0 ? withoutPublication(observed) : observed);
  }
  const distrusting = [
    ...distrustFaults(state.newKid, 'new', evidence),
    ...distrustFaults(state.oldKid, 'old', evidence),
  ];
  return distrusting.length > 0
    ? { kind: 'waiting', task: 'trust', faults: distrusting, record: observed }
    : { kind: 'complete', record: { ...observed, trustedAtMs: nowMs } };
}
