import { isoTime } from '../state/iso-time.ts';
import { backedOut, type RotationState, type RotationStep } from '../state/state.ts';
import { newTokensUntilMs, oldTokensUntilMs, switchAllowedFromMs } from './waits.ts';

/** Describes the effect of an API server that signs with the new key now; completes "before that, …". */
export function earlySwitchBreaks(state: RotationState, nowMs: number): string {
  const fromMs = switchAllowedFromMs(state);
  if (fromMs === undefined) return 'STS refuses its tokens until an hour after the key is published';
  const minutes = Math.max(0, Math.ceil((fromMs - nowMs) / 60_000));
  if (minutes === 0) return 'nothing breaks at STS any more: the wait is over';
  return `STS may refuse new tokens for up to ${minutes} min, until ${isoTime(fromMs)}, since it may still use a key set without the new key`;
}

/**
 * Describes the effect of removing a key from the publication while tokens of it are alive; completes "before
 * that, …".
 */
export function tokensRefused(which: 'old' | 'new', mintedBeforeMs: number, untilMs: number): string {
  return `tokens of the ${which} key, minted before ${isoTime(mintedBeforeMs)} and valid until ${isoTime(untilMs)} at the latest, would be refused by STS and by the API servers`;
}

/**
 * Describes what skipping a step's wait will break, one line each; empty if the wait is over or the step has
 * none.
 */
export function whatBreaks(step: RotationStep, state: RotationState, nowMs: number): readonly string[] {
  if (step === 'switch' && nowMs < (switchAllowedFromMs(state) ?? 0)) {
    return [
      earlySwitchBreaks(state, nowMs),
      'pods that start in that time, or whose token is renewed in it, get no AWS credentials until then; nothing needs a restart',
    ];
  }
  if (step !== 'finish' && step !== 'abort') return [];
  const givenUp = state.backedOutAtMs === undefined ? backedOut(state, nowMs) : state;
  const [which, sinceMs, untilMs] =
    step === 'finish'
      ? (['old', state.switchedAtMs, oldTokensUntilMs(state)] as const)
      : (['new', givenUp.backedOutAtMs, newTokensUntilMs(givenUp)] as const);
  if (sinceMs === undefined || untilMs === undefined || nowMs >= untilMs) return [];
  return [
    tokensRefused(which, sinceMs, untilMs),
    `pods that started before ${isoTime(sinceMs)} must restart, and so must everything else that keeps a token: kubelet renews the token of a pod only after four fifths of its lifetime`,
  ];
}
