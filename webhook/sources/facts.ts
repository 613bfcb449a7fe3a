import type { ConfigMapIdentities } from '../../identity/config-map.ts';
import type { ServiceAccountSource } from '../../identity/service-accounts.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Env, Random } from '../../lib/surroundings.ts';
import type { NamespaceSource } from '../../policy/namespace-facts.ts';
import type { WebhookMetrics } from '../metrics.ts';

/** Sources of a running webhook for ServiceAccounts and the identities of its ConfigMap. */
export interface IdentityFacts {
  readonly serviceAccounts: ServiceAccountSource;
  /** Throws a PodroleError while they are not known. */
  readonly configMap: () => ConfigMapIdentities;
  /** Undefined if no rule is in use. */
  readonly namespaces: NamespaceSource | undefined;
  /** Returns what is still missing; empty once everything is known. */
  readonly notReady: () => readonly string[];
  readonly stop: () => Promise<void> | void;
}

export interface FactsSurroundings {
  readonly logger: Logger;
  readonly env: Env;
  readonly metrics: WebhookMetrics;
  readonly clock: Clock;
  readonly random: Random;
}
