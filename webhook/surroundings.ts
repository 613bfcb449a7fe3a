import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Env, Random } from '../lib/surroundings.ts';
import type { WebhookMetrics } from './metrics.ts';

/** Surroundings that the server touches. */
export interface WebhookSurroundings {
  readonly logger: Logger;
  readonly env: Env;
  readonly clock: Clock;
  readonly random: Random;
}

/** The same, with the metrics of this server. */
export interface MeasuredSurroundings extends WebhookSurroundings {
  readonly metrics: WebhookMetrics;
}

/** Functions that stop what runs, in the order in which it was started. */
export type Stops = (() => Promise<void> | void)[];
