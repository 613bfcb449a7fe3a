import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Env, Random } from '../lib/surroundings.ts';
import type { AgentMetrics } from './metrics.ts';

/** Surroundings of the agent. */
export interface AgentSurroundings {
  readonly env: Env;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly randomBytes: (length: number) => Buffer;
  /** Aborted when the agent must end. */
  readonly signal: AbortSignal;
}

/** The same, with the metrics of this process. */
export interface MeasuredAgent extends AgentSurroundings {
  readonly metrics: AgentMetrics;
}
