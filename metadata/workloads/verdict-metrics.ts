import { Counter, Histogram, type Registry } from 'prom-client';
import type { Caller } from './caller.ts';

/** Verdict about a connection. */
export interface CountedVerdict {
  readonly kind: Caller<unknown>['kind'];
  /** Witness of the verdict: `link`, `list`, `daemon`. */
  readonly by: string;
  /** Time since the connection was accepted. */
  readonly waitedMs: number;
}

export interface VerdictMetricsOptions {
  /** `podrole_agent` */
  readonly prefix: string;
  /** Value of the label `verdict` for a connection of a workload: `pod` */
  readonly workload: string;
  /** Value of the label `by` whose series begin at 0. */
  readonly firstBy: string;
}

/** From a verdict by the link, which takes no time, to the patience of the finder. */
const WAIT_BUCKETS_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/**
 * Registers the metrics about who connects.
 * @returns a function that counts a verdict
 */
export function verdictMetrics(
  registry: Registry,
  { prefix, workload, firstBy }: VerdictMetricsOptions,
): (found: CountedVerdict) => void {
  const verdicts = new Counter({
    name: `${prefix}_verdicts_total`,
    help: 'Connections by their caller, and by how it was found',
    labelNames: ['verdict', 'by'],
    registers: [registry],
  });
  const waits = new Histogram({
    name: `${prefix}_verdict_seconds`,
    help: 'Time from the beginning of a connection to the verdict about it',
    buckets: WAIT_BUCKETS_SECONDS,
    registers: [registry],
  });
  const labelOf = (kind: CountedVerdict['kind']) => (kind === 'workload' ? workload : kind);
  for (const kind of ['workload', 'unclear', 'stranger'] as const) {
    verdicts.inc({ verdict: labelOf(kind), by: firstBy }, 0);
  }
  return ({ kind, by, waitedMs }) => {
    verdicts.inc({ verdict: labelOf(kind), by });
    waits.observe(waitedMs / 1_000);
  };
}
