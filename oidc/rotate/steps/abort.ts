import type { Fault } from '../../../lib/errors.ts';
import { publicationFaults, stillTrusted } from '../decide/evidence-faults.ts';
import { tooEarly } from '../decide/too-early.ts';
import { refused, type StepRequest, type Verdict } from '../decide/verdict.ts';
import { newTokensUntilMs } from '../decide/waits.ts';
import { tokensRefused } from '../decide/what-breaks.ts';
import { backedOut, type RotationState, withEarlySigning, withoutBackingOut } from '../state/state.ts';

/**
 * `abort`: the new key leaves the API servers, then the publication, once it is certain that none of its
 * tokens is alive.
 */
export function guardAbort(request: StepRequest): Verdict {
  const { state, evidence, nowMs, override } = request;
  if (state.finishAllowedAtMs !== undefined) return refused(tooLate(state));
  const signing = evidence.apiServers.filter(({ signsWith }) => signsWith === state.newKid);
  if (signing.length > 0) {
    const faults = signing.map(({ name }) => signs(name, state));
    const isBackingOut = state.backedOutAtMs !== undefined;
    return refused(faults, isBackingOut ? withoutBackingOut(state, nowMs) : withEarlySigning(state, nowMs));
  }
  const unpublished = publicationFaults(state.oldKid, 'old', evidence);
  if (unpublished.length > 0) return refused(unpublished);
  if (state.backedOutAtMs === undefined) return { kind: 'proceed', record: backedOut(state, nowMs) };
  const untilMs = newTokensUntilMs(state) ?? Number.POSITIVE_INFINITY;
  if (nowMs < untilMs && !isOverridden(state)) {
    const { backedOutAtMs, overrides } = state;
    if (override) return { kind: 'proceed', record: { ...state, overrides: [...overrides, override] } };
    return refused(tooEarly('abort', untilMs, tokensRefused('new', backedOutAtMs, untilMs)));
  }
  const trusting = stillTrusted(state.newKid, 'new', evidence);
  if (trusting.length > 0) return { kind: 'waiting', task: 'untrust', faults: trusting };
  return evidence.publishedKids.includes(state.newKid)
    ? { kind: 'proceed', publish: { drop: state.newKid } }
    : { kind: 'complete', record: { ...state, abortedAtMs: nowMs } };
}

function isOverridden({ overrides, backedOutAtMs = 0 }: RotationState): boolean {
  return overrides.some(({ step, atMs }) => step === 'abort' && atMs >= backedOutAtMs);
}

function signs(name: string, { newKid }: RotationState): Fault {
  return {
    code: 'ROTATION_CANNOT_ABORT',
    object: `API server ${name}`,
    problem: `signs with the new key ${newKid}: without that key, its tokens would be refused`,
    remedy:
      'set its --service-account-signing-key-file back to the old key and run abort again, or continue the rotation',
  };
}

function tooLate({ newKid }: RotationState): Fault {
  return {
    code: 'ROTATION_CANNOT_ABORT',
    object: `rotation to ${newKid}`,
    problem: 'is past its switch: pods hold tokens of the new key, and the old key is being removed',
    remedy: 'run finish; then start a new rotation to another key, or back to the old one',
  };
}
