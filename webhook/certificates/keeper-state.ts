import type { SeenAuthorities } from './decide/bundle-plan.ts';
import type { WebhookConfigurationView } from './decide/plan.ts';
import { afterLook, NOTHING_SEEN } from './decide/seen-authorities.ts';
import type { CertificateFacts } from './facts.ts';
import type { IssuedPair, PairMaterial } from './objects/issued-pair.ts';
import type { CertificateSurroundings } from './surroundings.ts';

/** Knowledge that a replica keeps from one look to the next. */
export interface KeeperState {
  readonly served: IssuedPair | undefined;
  /** The webhook configuration as last known. */
  readonly configuration: WebhookConfigurationView;
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
  configuration: 'unknown',
  seen: NOTHING_SEEN,
  spare: undefined,
};

/**
 * Returns the state with what was found about the webhook configuration. Logs once that it is missing.
 */
export function withFacts(
  state: KeeperState,
  { configuration, secret: { current, next } }: CertificateFacts,
  { clock, logger, configurations }: CertificateSurroundings,
): KeeperState {
  if (configuration === 'unknown') return state;
  if (configuration === 'absent' && state.configuration !== 'absent') {
    logger.warn({ configuration: configurations.name }, 'does not exist, so no pods are sent here yet');
  }
  const entries = configuration === 'absent' ? [] : configuration.entries;
  const neededIds = [current, next, state.served].flatMap((pair) => (pair ? [pair.caId] : []));
  const seen = afterLook(state.seen, { entries, neededIds, monotonicMs: clock.monotonicMs() });
  return { ...state, configuration, seen };
}
