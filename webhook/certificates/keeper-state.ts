import type { SeenAuthorities } from './decide/bundle-plan.ts';
import type { RegistrationView } from './decide/plan.ts';
import { afterLook, NOTHING_SEEN } from './decide/seen-authorities.ts';
import type { Findings } from './findings.ts';
import type { IssuedPair, PairMaterial } from './objects/issued-pair.ts';
import type { CertificateWorld } from './world.ts';

/** Knowledge that a replica keeps from one look to the next. */
export interface KeeperState {
  readonly served: IssuedPair | undefined;
  /** The registration as last known. */
  readonly registration: RegistrationView;
  readonly seen: SeenAuthorities;
  /**
   * Pair that is not known to be in the Secret. It is used for the next write, so that an API server that
   * refuses for hours does not cost a new key pair each time.
   */
  readonly spare: SparePair | undefined;
}

export interface SparePair {
  readonly pair: PairMaterial;
  /** End of its validity. */
  readonly endMs: number;
}

export const INITIAL_STATE: KeeperState = {
  served: undefined,
  registration: 'unknown',
  seen: NOTHING_SEEN,
  spare: undefined,
};

/**
 * Returns the state with what was found about the registration. Logs a registration that is missing, once.
 */
export function withFindings(
  state: KeeperState,
  { registration, secret: { current, next } }: Findings,
  { clock, logger, registrations }: CertificateWorld,
): KeeperState {
  if (registration === 'unknown') return state;
  if (registration === 'absent' && state.registration !== 'absent') {
    logger.warn({ configuration: registrations.name }, 'does not exist, so no pods are sent here yet');
  }
  const entries = registration === 'absent' ? [] : registration.entries;
  const neededIds = [current, next, state.served].flatMap((pair) => (pair ? [pair.caId] : []));
  const seen = afterLook(state.seen, { entries, neededIds, monotonicMs: clock.monotonicMs() });
  return { ...state, registration, seen };
}
