import type { ErrorCatalogue } from './catalogue.ts';

/** Refusals of `podrole keys rotate`. */
export const rotationErrors = {
  ROTATION_BACKING_OUT: {
    happened: 'A rotation to this key was aborted, and the key is still published.',
    remedy: 'Run `abort` until it is done, then `start` again.',
  },
  ROTATION_CANNOT_ABORT: {
    happened: 'The rotation cannot be aborted: tokens of the new key may be in use, or it is finished.',
    remedy:
      'Set the API server that the message names back to the old key, or go on with `finish`. After the end, rotate to another key.',
  },
  ROTATION_CLOCK_BACKWARDS: {
    happened: 'The clock of this machine is behind the time of the notes of the rotation.',
    remedy: 'Set this clock. If it is right, wait until it has passed the time in the message.',
  },
  ROTATION_CLOCK_SKEW: {
    happened:
      'The clocks of an API server and of this machine differ too much. Every wait is counted by them.',
    remedy: 'Set the clock that is wrong.',
  },
  ROTATION_IN_PROGRESS: {
    happened: 'A rotation to another key has begun and is not finished.',
    remedy: 'Finish or abort it first. `status` shows where it stands.',
  },
  ROTATION_KEY_SIGNS: {
    happened: 'The new key signs already, on some API servers or on all.',
    remedy:
      'If it signs on all, give another new key (`podrole keys create`). Otherwise set those API servers back to the old key, then start.',
  },
  ROTATION_KEY_VANISHED: {
    happened:
      'A key of the rotation was removed from the publication. STS refuses the tokens that it signed.',
    remedy:
      'Publish the old key again at once with `podrole publish`. For the new key run `start` again; before the switch its wait begins again.',
  },
  ROTATION_NOT_HELD: {
    happened: 'The publication does not hold what the step wrote to it.',
    remedy: 'Find out who else writes to this place, stop that, and run the step again.',
  },
  ROTATION_NOT_PUBLIC: {
    happened:
      'The URL of the issuer serves an older copy than the target holds, or documents that are not valid.',
    remedy:
      'Clear the cache before the issuer, or correct what its URL leads to. Then run the command that the message names.',
  },
  ROTATION_NOT_PUBLISHED: {
    happened: 'The key that signs now is not published.',
    remedy: 'Run `podrole publish` with the same `--issuer` and `--to` first.',
  },
  ROTATION_NOT_STARTED: {
    happened: 'No rotation is in progress, or it was aborted.',
    remedy: 'Run `start` with the new public key as `--key-file`.',
  },
  ROTATION_NOT_SWITCHED: {
    happened: 'An API server still signs with the old key.',
    remedy:
      'Set its `--service-account-signing-key-file` to the new key, restart it, and run `switch` again.',
  },
  ROTATION_NOT_TRUSTED: {
    happened: 'An API server does not accept tokens of the new key.',
    remedy: 'Give it a `--service-account-key-file` with the new public key, and restart it.',
  },
  ROTATION_NOTES_INVALID: {
    happened:
      'The notes of the rotation, `.podrole/rotation.json`, are not valid. podrole never resets them.',
    remedy: 'Put their last version back. Remove them only if certainly no rotation is in progress.',
  },
  ROTATION_OLD_KEY_DROPPED: {
    happened: 'An API server no longer accepts tokens of the old key, and such tokens are still in use.',
    remedy: 'Give it a `--service-account-key-file` with the old public key, and restart it.',
  },
  ROTATION_OUT_OF_ORDER: {
    happened: 'Another step comes before this one.',
    remedy: 'Run the step that the message names first.',
  },
  ROTATION_SEVERAL_SIGNERS: {
    happened: 'The API servers sign with different keys, so there is not one old key.',
    remedy: 'Give every API server the same signing key first.',
  },
  ROTATION_STILL_TRUSTED: {
    happened: 'An API server still accepts tokens of a key that is to be removed.',
    remedy: 'Remove the key from its `--service-account-key-file`, restart it, and run the step again.',
  },
  ROTATION_SWITCHED_BACK: {
    happened: 'An API server signs with the old key again after the switch.',
    remedy:
      'Set it to the new key and run `switch` again. The wait for the last token of the old key begins again.',
  },
  ROTATION_SWITCHED_EARLY: {
    happened: 'An API server signs with the new key before everybody must know it.',
    remedy: 'Set its `--service-account-signing-key-file` back to the old key and restart it.',
  },
  ROTATION_TOO_EARLY: {
    happened: 'The wait before this step is not over.',
    remedy:
      'Run the step again at the time in the message. `--now --reason TEXT` does it at once, and breaks what the message says.',
  },
  ROTATION_UNKNOWN_SIGNER: {
    happened: 'An API server signs with a key that is neither the old nor the new one.',
    remedy: 'Set its `--service-account-signing-key-file` to one of the two.',
  },
} as const satisfies ErrorCatalogue;
