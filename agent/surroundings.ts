import type { ServingSurroundings } from '../lib/surroundings.ts';
import type { AgentMetrics } from './metrics.ts';

/** Surroundings of the agent, with the metrics of this process. */
export interface MeasuredAgent extends ServingSurroundings {
  readonly metrics: AgentMetrics;
}
