/** Phases of a rotation, in order; the last two are those of an abort. */
export type Phase =
  | 'starting'
  | 'published'
  | 'trusted'
  | 'switching'
  | 'switched'
  | 'finishing'
  | 'finished'
  | 'backing-out'
  | 'aborted';

export const ROTATION_STEPS = ['start', 'trust', 'switch', 'finish', 'abort'] as const;
export type RotationStep = (typeof ROTATION_STEPS)[number];

/** A wait that somebody skipped with `--now`. */
export interface Override {
  readonly step: RotationStep;
  readonly atMs: number;
  /** The user's names at the API server and on the machine. */
  readonly by: string;
  readonly reason: string;
}

/** State of a rotation between its steps. Times are milliseconds since 1970 by podrole's clock. */
export interface RotationState {
  readonly issuer: string;
  /** Kid of the key that signed when the rotation began. */
  readonly oldKid: string;
  readonly newKid: string;
  /** Longest lifetime of a token. A later step may make it longer, never shorter. */
  readonly tokenLifetimeSeconds: number;
  readonly startedAtMs: number;
  /** Time at which the new key was seen in the publication. */
  readonly publishedAtMs?: number;
  /** Time at which every API server was seen to verify with the new key. */
  readonly trustedAtMs?: number;
  /** Time at which the operator was asked to switch. From then on, tokens of the new key may exist. */
  readonly switchAllowedAtMs?: number;
  /** Time at which every API server was seen to sign with the new key. */
  readonly switchedAtMs?: number;
  /** Time at which the operator was asked to remove the old key from the API servers. */
  readonly finishAllowedAtMs?: number;
  readonly finishedAtMs?: number;
  /** Time since which tokens of the new key may exist, although the switch is not done or was undone. */
  readonly newKeyMaySignSinceMs?: number;
  /** Time at which the rotation was given up and no API server was seen to sign with the new key. */
  readonly backedOutAtMs?: number;
  readonly abortedAtMs?: number;
  readonly overrides: readonly Override[];
}

/** Names of the moments in a state. */
export const ROTATION_MOMENTS = [
  'startedAtMs',
  'publishedAtMs',
  'trustedAtMs',
  'switchAllowedAtMs',
  'switchedAtMs',
  'finishAllowedAtMs',
  'finishedAtMs',
  'newKeyMaySignSinceMs',
  'backedOutAtMs',
  'abortedAtMs',
] as const satisfies readonly (keyof RotationState)[];

export function phaseOf(state: RotationState): Phase {
  if (state.abortedAtMs !== undefined) return 'aborted';
  if (state.finishedAtMs !== undefined) return 'finished';
  if (state.backedOutAtMs !== undefined) return 'backing-out';
  if (state.finishAllowedAtMs !== undefined) return 'finishing';
  if (state.switchedAtMs !== undefined) return 'switched';
  if (state.switchAllowedAtMs !== undefined) return 'switching';
  if (state.trustedAtMs !== undefined) return 'trusted';
  return state.publishedAtMs === undefined ? 'starting' : 'published';
}

/** Returns the rotation that is under way; undefined if there is none or it has ended. */
export function underWay(state: RotationState | undefined): RotationState | undefined {
  return state && state.finishedAtMs === undefined && state.abortedAtMs === undefined ? state : undefined;
}

/** Returns the latest moment in the state. A clock that shows an earlier time is wrong. */
export function latestMomentMs(state: RotationState): number {
  const moments = ROTATION_MOMENTS.map((name) => state[name] ?? 0);
  return Math.max(...moments, ...state.overrides.map(({ atMs }) => atMs));
}

/**
 * State after an API server signs with the old key again: the wait for its last token starts with the next
 * switch.
 */
export function withoutSwitch(state: RotationState): RotationState {
  const { switchedAtMs: _switched, finishAllowedAtMs: _finish, ...rest } = state;
  return rest;
}

/**
 * State before the publication of the new key. If the switch had been allowed, tokens of the new key may
 * exist.
 */
export function withoutPublication(state: RotationState): RotationState {
  const {
    publishedAtMs: _published,
    trustedAtMs: _trusted,
    switchAllowedAtMs,
    ...rest
  } = withoutSwitch(state);
  return { ...rest, ...maySign(state, switchAllowedAtMs) };
}

/** State after an API server signs with the new key during an abort: the abort no longer counts. */
export function withoutBackingOut(state: RotationState, nowMs: number): RotationState {
  const { backedOutAtMs: _backedOut, ...rest } = state;
  return { ...rest, ...maySign(state, nowMs) };
}

/** State at the start of an abort: it must wait for tokens of the new key, if there may be some. */
export function backedOut(state: RotationState, nowMs: number): RotationState {
  const { switchAllowedAtMs, ...rest } = withoutSwitch(state);
  return { ...rest, ...maySign(state, switchAllowedAtMs), backedOutAtMs: nowMs };
}

/** State after the new key was seen to sign too early. */
export function withEarlySigning(state: RotationState, nowMs: number): RotationState {
  return { ...state, ...maySign(state, nowMs) };
}

function maySign(
  { newKeyMaySignSinceMs }: RotationState,
  sinceMs: number | undefined,
): Pick<RotationState, 'newKeyMaySignSinceMs'> {
  const earliestMs = newKeyMaySignSinceMs ?? sinceMs;
  return earliestMs === undefined ? {} : { newKeyMaySignSinceMs: earliestMs };
}
