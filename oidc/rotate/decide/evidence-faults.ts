import { SIGNATURE_CLOCK_SKEW_SECONDS } from '../../../lib/contract/sts.ts';
import type { Fault } from '../../../lib/errors.ts';
import { type Evidence, serversThat } from '../evidence/evidence.ts';
import { isoTime } from '../state/iso-time.ts';
import { latestMomentMs, type RotationState } from '../state/state.ts';

/**
 * Faults in the evidence, whatever the step. Each function checks one thing and returns an empty list if it
 * is in order.
 */

/**
 * Clocks that are wrong: every wait depends on them. [k8s] `iat` of a token is the time of the API server's
 * clock
 */
export function clockFaults(
  state: RotationState | undefined,
  { apiServers }: Evidence,
  nowMs: number,
): readonly Fault[] {
  const faults: Fault[] = [];
  if (state && nowMs < latestMomentMs(state)) {
    faults.push({
      code: 'ROTATION_CLOCK_BACKWARDS',
      object: 'clock of this machine',
      problem: `shows ${isoTime(nowMs)}, but the rotation's notes were written at ${isoTime(latestMomentMs(state))}`,
      remedy: 'set this clock; if it is right, wait until it has passed that time',
    });
  }
  for (const { name, clockAheadMs } of apiServers) {
    if (Math.abs(clockAheadMs) <= SIGNATURE_CLOCK_SKEW_SECONDS * 1_000) continue;
    const seconds = Math.round(Math.abs(clockAheadMs) / 1_000);
    faults.push({
      code: 'ROTATION_CLOCK_SKEW',
      object: `API server ${name}`,
      problem: `its clock is ${seconds} s ${clockAheadMs > 0 ? 'ahead of' : 'behind'} the clock of this machine`,
      remedy: 'set the clock that is wrong: every wait of a rotation depends on both clocks',
    });
  }
  return faults;
}

/** A key that must be published and is not. */
export function publicationFaults(
  kid: string,
  which: 'old' | 'new',
  { publishedKids, publicKids }: Evidence,
): readonly Fault[] {
  if (!publishedKids.includes(kid)) {
    return [
      {
        code: 'ROTATION_KEY_VANISHED',
        object: `${which} key ${kid}`,
        problem: 'is no longer in the publication: STS refuses the tokens that it signed or will sign',
        remedy:
          which === 'new'
            ? 'run start again with its --key-file; before the switch, the wait starts again'
            : 'publish it again at once with podrole publish, from the API servers or with --key-file',
      },
    ];
  }
  return publicKids === undefined || publicKids.includes(kid) ? [] : [notPublic(kid, which)];
}

function notPublic(kid: string, which: 'old' | 'new'): Fault {
  return {
    code: 'ROTATION_NOT_PUBLIC',
    object: `${which} key ${kid}`,
    problem: "is in the target, but not in the key set at the issuer's URL",
    remedy: `clear the cache in front of the issuer, or correct where its URL leads; then run ${
      which === 'new' ? 'start again, which starts the wait again' : 'the step again'
    }`,
  };
}

/** API servers that sign with neither of the rotation's two keys. */
export function strangerFaults(
  { oldKid, newKid }: RotationState,
  { apiServers }: Evidence,
): readonly Fault[] {
  return apiServers
    .filter(({ signsWith }) => signsWith !== oldKid && signsWith !== newKid)
    .map(({ name, signsWith }) => ({
      code: 'ROTATION_UNKNOWN_SIGNER',
      object: `API server ${name}`,
      problem: `signs with ${signsWith}, which is neither the old key ${oldKid} nor the new one ${newKid}`,
      remedy: 'set its --service-account-signing-key-file to one of these two keys',
    }));
}

/** API servers that refuse tokens of a key that they must accept. */
export function distrustFaults(kid: string, which: 'old' | 'new', evidence: Evidence): readonly Fault[] {
  return serversThat(evidence, ({ verifiesWith }) => !verifiesWith.includes(kid)).map((name) => ({
    code: which === 'new' ? 'ROTATION_NOT_TRUSTED' : 'ROTATION_OLD_KEY_DROPPED',
    object: `API server ${name}`,
    problem: `does not verify with the ${which} key ${kid}: it refuses tokens that another API server signs with that key`,
    remedy: `give it a --service-account-key-file with the ${which} public key, and restart it`,
  }));
}

/** API servers that still accept tokens of a key that must go. */
export function stillTrusted(kid: string, which: 'old' | 'new', evidence: Evidence): readonly Fault[] {
  return serversThat(evidence, ({ verifiesWith }) => verifiesWith.includes(kid)).map((name) => ({
    code: 'ROTATION_STILL_TRUSTED',
    object: `API server ${name}`,
    problem: `still verifies with the ${which} key ${kid}`,
    remedy: `remove the ${which} key from its --service-account-key-file flags, restart it, and run the step again`,
  }));
}

/** API servers that do not sign with the new key yet. */
export function notSwitched({ newKid }: RotationState, evidence: Evidence): readonly Fault[] {
  return serversThat(evidence, ({ signsWith }) => signsWith !== newKid).map((name) => ({
    code: 'ROTATION_NOT_SWITCHED',
    object: `API server ${name}`,
    problem: 'still signs with the old key',
    remedy: 'set its --service-account-signing-key-file to the new key, restart it, and run switch again',
  }));
}

/** API servers that sign with the new key before they may. */
export function signsEarly({ newKid }: RotationState, evidence: Evidence, breaks: string): readonly Fault[] {
  return serversThat(evidence, ({ signsWith }) => signsWith === newKid).map((name) => ({
    code: 'ROTATION_SWITCHED_EARLY',
    object: `API server ${name}`,
    problem: `already signs with the new key; ${breaks}`,
    remedy: 'set its --service-account-signing-key-file back to the old key and restart it',
  }));
}
