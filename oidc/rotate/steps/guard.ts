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
 * Judges one step of a rotation. What keeps tokens alive:
 * publish new and old -> an hour -> every API server verifies with the new -> switch the signer -> the longest token
 * lifetime -> drop the old. [k8s] "Managing Service Accounts"; the hour is how long STS may use a key set that it has
 */
export function guard(step: RotationStep, request: GuardRequest): Verdict {
  const { state, evidence, nowMs, newKid = '' } = request;
  const faults = [...evidence.faults, ...clockFaults(state, evidence, nowMs)];
  if (faults.length > 0) return refused(faults);
  const known = state && withLifetime(state, request.tokenLifetimeSeconds);
  if (step === 'start') return guardStart({ ...request, state: known, newKid });
  // Of the moment at which it counts: it was given before the evidence was collected.
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
    return refused(outOfOrder(step, 'no API server is known to verify with the new key', 'trust'));
  }
  const isSwitched = phase === 'switched' || phase === 'finishing';
  if (step === 'finish') {
    return isSwitched
      ? guardFinish(request)
      : refused(outOfOrder(step, 'not every API server is known to sign with the new key', 'switch'));
  }
  return isSwitched ? stillSwitched(request) : guardSwitch(request);
}

/** `switch` after it was done: it says so, unless it no longer is. */
function stillSwitched(request: StepRequest): Verdict {
  const unpublished = publicationFaults(request.state.newKid, 'new', request.evidence);
  return guardSwitchedBack(request) ?? (unpublished.length > 0 ? refused(unpublished) : { kind: 'done' });
}

/** A lifetime once given is never shortened: tokens may have been minted under it. */
function withLifetime(state: RotationState, seconds: number): RotationState {
  return { ...state, tokenLifetimeSeconds: Math.max(state.tokenLifetimeSeconds, seconds) };
}

/** It is recorded even where the step was refused, since the next command may not name it again. */
function keepLifetime(verdict: Verdict, known: RotationState): Verdict {
  return verdict.kind === 'refused' || verdict.kind === 'waiting' ? { record: known, ...verdict } : verdict;
}

function notStarted(step: RotationStep): Fault {
  return {
    code: 'ROTATION_NOT_STARTED',
    object: step,
    problem: 'has nothing to work on: no rotation is under way',
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
    problem: `has nothing to work on: the rotation to ${newKid} was aborted at ${isoTime(abortedAtMs)}`,
    remedy: 'run start with the --key-file of the new public key',
  };
}
