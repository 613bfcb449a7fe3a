import { distrustFaults, publicationFaults, stillTrusted } from '../decide/evidence-faults.ts';
import { tooEarly } from '../decide/too-early.ts';
import { refused, type StepRequest, type Verdict } from '../decide/verdict.ts';
import { oldTokensUntilMs } from '../decide/waits.ts';
import { tokensRefused } from '../decide/what-breaks.ts';
import { guardSwitchedBack } from './switch.ts';

/**
 * `finish` after the switch: the old key leaves the API servers, then the publication, once none of its
 * tokens is alive.
 */
export function guardFinish(request: StepRequest): Verdict {
  const { state, evidence, nowMs, override } = request;
  const switchedBack = guardSwitchedBack(request);
  if (switchedBack) return switchedBack;
  const unpublished = publicationFaults(state.newKid, 'new', evidence);
  if (unpublished.length > 0) return refused(unpublished);
  const untilMs = oldTokensUntilMs(state) ?? Number.POSITIVE_INFINITY;
  if (state.finishAllowedAtMs === undefined) {
    if (nowMs < untilMs && !override) {
      const early = tooEarly('finish', untilMs, tokensRefused('old', state.switchedAtMs ?? nowMs, untilMs));
      const dropped = [
        ...publicationFaults(state.oldKid, 'old', evidence),
        ...distrustFaults(state.oldKid, 'old', evidence),
      ];
      return refused([early, ...dropped]);
    }
    const overrides = override && nowMs < untilMs ? [...state.overrides, override] : state.overrides;
    // Recorded before anything is removed: from here on, the rotation cannot be aborted.
    return { kind: 'proceed', record: { ...state, finishAllowedAtMs: nowMs, overrides } };
  }
  const trusting = stillTrusted(state.oldKid, 'old', evidence);
  if (trusting.length > 0) return { kind: 'waiting', task: 'finish', faults: trusting };
  return evidence.publishedKids.includes(state.oldKid)
    ? { kind: 'proceed', publish: { drop: state.oldKid } }
    : { kind: 'complete', record: { ...state, finishedAtMs: nowMs } };
}
