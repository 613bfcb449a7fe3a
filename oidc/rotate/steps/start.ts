import type { Fault } from '../../../lib/errors.ts';
import { publicationFaults } from '../decide/evidence-faults.ts';
import { type GuardRequest, refused, type Verdict } from '../decide/verdict.ts';
import { isoTime } from '../state/iso-time.ts';
import { phaseOf, type RotationState, underWay, withoutPublication } from '../state/state.ts';

/** `start`: the new key is published beside the old one. */
export function guardStart(request: GuardRequest & { readonly newKid: string }): Verdict {
  const { state, newKid } = request;
  const current = underWay(state);
  if (!current)
    return state?.newKid === newKid && state.finishedAtMs !== undefined ? { kind: 'done' } : begin(request);
  if (current.newKid !== newKid) return refused(otherRotation(current, newKid));
  if (current.backedOutAtMs !== undefined) return refused(backingOut(current));
  const { evidence, nowMs } = request;
  if (!evidence.publishedKids.includes(newKid)) return republish(current);
  if (phaseOf(current) !== 'starting') return { kind: 'done' };
  // STS may still get a copy without the key, so the wait cannot start.
  const faults = publicationFaults(newKid, 'new', evidence);
  if (faults.length > 0) return refused(faults);
  return { kind: 'complete', record: { ...current, publishedAtMs: nowMs } };
}

function begin(request: GuardRequest & { readonly newKid: string }): Verdict {
  const { evidence, newKid, issuer, nowMs, tokenLifetimeSeconds } = request;
  const signers = [...new Set(evidence.apiServers.map(({ signsWith }) => signsWith))];
  const [oldKid = ''] = signers;
  const faults: Fault[] = signers.includes(newKid) ? [signsAlready(request)] : [];
  if (signers.length > 1) {
    const each = evidence.apiServers.map(({ name, signsWith }) => `${name} with ${signsWith}`).join(', ');
    faults.push({
      code: 'ROTATION_SEVERAL_SIGNERS',
      object: 'API servers',
      problem: `sign with different keys: ${each}`,
      remedy: 'have every API server sign with the same key first',
    });
  }
  if (faults.length === 0) faults.push(...unpublished(oldKid, evidence));
  if (faults.length > 0) return refused(faults);
  const record: RotationState = {
    issuer,
    oldKid,
    newKid,
    tokenLifetimeSeconds,
    startedAtMs: nowMs,
    overrides: [],
  };
  return { kind: 'proceed', record, publish: { add: newKid } };
}

/** Publishes a key that has disappeared. Before the switch, the wait starts again. */
function republish(state: RotationState): Verdict {
  const isPastSwitch = state.switchedAtMs !== undefined;
  return {
    kind: 'proceed',
    ...(isPastSwitch ? {} : { record: withoutPublication(state) }),
    publish: { add: state.newKid },
  };
}

function unpublished(oldKid: string, evidence: GuardRequest['evidence']): readonly Fault[] {
  if (evidence.publishedKids.includes(oldKid)) return publicationFaults(oldKid, 'old', evidence);
  return [
    {
      code: 'ROTATION_NOT_PUBLISHED',
      object: `key ${oldKid}, which signs now`,
      problem: 'is not in the publication',
      remedy: 'run podrole publish first, with the same --issuer and --to',
    },
  ];
}

function signsAlready({ evidence, newKid }: GuardRequest & { readonly newKid: string }): Fault {
  const signing = evidence.apiServers.filter(({ signsWith }) => signsWith === newKid).map(({ name }) => name);
  const everywhere = signing.length === evidence.apiServers.length;
  return {
    code: 'ROTATION_KEY_SIGNS',
    object: `key ${newKid}`,
    problem: everywhere
      ? 'is the key that every API server signs with already: there is nothing to rotate'
      : `already signs on ${signing.join(', ')}`,
    remedy: everywhere
      ? 'give the public part of a new key; podrole keys create makes one'
      : 'set --service-account-signing-key-file back to the old key there, then start',
  };
}

function otherRotation({ oldKid, newKid, startedAtMs }: RotationState, asked: string): Fault {
  return {
    code: 'ROTATION_IN_PROGRESS',
    object: `key ${asked}`,
    problem: `cannot be the next key: a rotation from ${oldKid} to ${newKid} has been under way since ${isoTime(startedAtMs)}`,
    remedy: 'finish or abort that one first; status shows how far it is',
  };
}

function backingOut({ newKid }: RotationState): Fault {
  return {
    code: 'ROTATION_BACKING_OUT',
    object: `rotation to ${newKid}`,
    problem: 'is being aborted: its key must still leave the publication',
    remedy: 'run abort until it is done, then start again',
  };
}
