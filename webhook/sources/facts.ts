import type { ConfigMapIdentities } from '../../identity/config-map.ts';
import type { ServiceAccountSource } from '../../identity/service-accounts.ts';
import type { Logger } from '../../lib/logger.ts';
import type { WebhookMetrics } from '../metrics.ts';

/** Where a running webhook takes ServiceAccounts and the identities of its ConfigMap from. */
export interface IdentityFacts {
  readonly serviceAccounts: ServiceAccountSource;
  /** Throws a PodroleError while it is not known. */
  readonly configMap: () => ConfigMapIdentities;
  /** What is still missing; empty once everything is known. */
  readonly notReady: () => readonly string[];
  readonly stop: () => Promise<void> | void;
}

export interface FactsSurroundings {
  readonly logger: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly metrics: WebhookMetrics;
  readonly monotonicMs: () => number;
  readonly random: () => number;
}
