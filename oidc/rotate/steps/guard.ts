import type { Fault } from '../../../lib/errors.ts';
import { clockFaults, publicationFaults, strangerFaults } from '../decide/evidence-faults.ts';
import { type GuardRequest, refused, type StepRequest, type Verdict } from '../decide/verdict.ts';
import { isoTime } from '../state/iso-time.ts';
import { type Phase, phaseOf, type RotationState, type RotationStep } from '../state/state.ts';
import { guardAbort } from './abort.ts';
import { guardFinish } from './finish.ts';
import { guardStart } from './start.ts';
import { guardSwitch, guardSwitchedBack } from './switch.ts';
import { guardTrust } from './trust.ts';

/**
 * Judges one step of a rotation. This order keeps every token valid: publish the new key beside the old one,
 * let every API server verify with both, wait an hour after the new key became public, switch the signer,
 * wait for the longest token lifetime, remove the old key. [k8s] "Managing Service Accounts". STS may use a
 * key set for an hour.
 */
export function guard(step: RotationStep, request: GuardRequest): Verdict {
  const { state, evidence, nowMs, newKid = '' } = request;
  const faults = [...evidence.faults, ...clockFaults(state, evidence, nowMs)];
  if (faults.length > 0) return refused(faults);
  const known = state && withLifetime(state, request.tokenLifetimeSeconds);
  if (step === 'start') return guardStart({ ...request, state: known, newKid });
  // The override counts from now: it was given before the evidence was collected.
  const override = request.override && { ...request.override, atMs: nowMs };
  if (!known) return step === 'abort' ? { kind: 'done' } : refused(notStarted(step));
  const phase = phaseOf(known);
  if (phase === 'finished') return step === 'abort' ? refused(isFinished(known)) : { kind: 'done' };
  if (phase === 'aborted') return step === 'abort' ? { kind: 'done' } : refused(wasAborted(step, known));
  const strangers = strangerFaults(known, evidence);
  if (strangers.length > 0) return refused(strangers);
  return keepLifetime(
    underWay(step, phase, { ...request, state: known, ...(override && { override }) }),
    known,
  );
}

function underWay(step: Exclude<RotationStep, 'start'>, phase: Phase, request: StepRequest): Verdict {
  if (step === 'abort') return guardAbort(request);
  if (phase === 'backing-out') return refused(outOfOrder(step, 'the rotation is being aborted', 'abort'));
  if (phase === 'starting') return refused(outOfOrder(step, 'the new key is not published yet', 'start'));
  if (step === 'trust') return phase === 'published' ? guardTrust(request) : { kind: 'done' };
  if (phase === 'published') {
    return refused(outOfOrder(step, 'not every API server is known to verify with the new key', 'trust'));
  }
  const isSwitched = phase === 'switched' || phase === 'finishing';
  if (step === 'finish') {
    return isSwitched
      ? guardFinish(request)
      : refused(outOfOrder(step, 'not every API server is known to sign with the new key', 'switch'));
  }
  return isSwitched ? stillSwitched(request) : guardSwitch(request);
}

/** `switch` after the switch: done, unless an API server has switched back. */
function stillSwitched(request: StepRequest): Verdict {
  const unpublished = publicationFaults(request.state.newKid, 'new', request.evidence);
  return guardSwitchedBack(request) ?? (unpublished.length > 0 ? refused(unpublished) : { kind: 'done' });
}

/** The lifetime is never shortened: there may be tokens with the longer one. */
function withLifetime(state: RotationState, seconds: number): RotationState {
  return { ...state, tokenLifetimeSeconds: Math.max(state.tokenLifetimeSeconds, seconds) };
}

/** The lifetime is recorded even if the step is refused, since the next command may not give it again. */
function keepLifetime(verdict: Verdict, known: RotationState): Verdict {
  return verdict.kind === 'refused' || verdict.kind === 'waiting' ? { record: known, ...verdict } : verdict;
}

function notStarted(step: RotationStep): Fault {
  return {
    code: 'ROTATION_NOT_STARTED',
    object: step,
    problem: 'is not possible: no rotation is under way',
    remedy: 'run start with the --key-file of the new public key',
  };
}

function outOfOrder(step: RotationStep, problem: string, first: RotationStep): Fault {
  return {
    code: 'ROTATION_OUT_OF_ORDER',
    object: step,
    problem: `is not the next step: ${problem}`,
    remedy: `run ${first} first`,
  };
}

function isFinished({ newKid, finishedAtMs = 0 }: RotationState): Fault {
  return {
    code: 'ROTATION_CANNOT_ABORT',
    object: `rotation to ${newKid}`,
    problem: `was finished at ${isoTime(finishedAtMs)}`,
    remedy: 'start a rotation to another key',
  };
}

function wasAborted(step: RotationStep, { newKid, abortedAtMs = 0 }: RotationState): Fault {
  return {
    code: 'ROTATION_NOT_STARTED',
    object: step,
    problem: `is not possible: the rotation to ${newKid} was aborted at ${isoTime(abortedAtMs)}`,
    remedy: 'run start with the --key-file of the new public key',
  };
}
