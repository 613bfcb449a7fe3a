import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ReviewResult } from './admission.ts';

export type LookupResult = 'found' | 'absent' | 'failed' | 'refused';

/** What the server counts; each function is cheap enough for every request. */
export interface WebhookMetrics {
  readonly registry: Registry;
  readonly reviewed: (result: ReviewResult, seconds: number) => void;
  readonly lookedUp: (result: LookupResult) => void;
  readonly watchStarted: (resource: string) => void;
  readonly watchListed: (resource: string) => void;
  /** Registers a counter. @returns what counts one more */
  readonly counter: (name: string, help: string) => () => void;
  /** Registers a gauge whose samples are asked for at each scrape. */
  readonly gauge: (
    name: string,
    help: string,
    labelNames: readonly string[],
    samples: () => readonly Sample[],
  ) => void;
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** From half a millisecond, since a review takes about a quarter of one, to the ten seconds of the API server's default time-out. */
const DURATION_BUCKETS_SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
const REVIEW_RESULTS: readonly ReviewResult[] = [
  'patched',
  'unchanged',
  'skipped',
  'warned',
  'denied',
  'failed',
];

/** Metrics in a registry of their own, with those of the process. */
export function createMetrics(): WebhookMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'podrole_requests_total',
    help: 'Admission requests by result',
    labelNames: ['result'],
    registers,
  });
  const counted = new Map(REVIEW_RESULTS.map((result) => [result, requests.labels(result)]));
  for (const child of counted.values()) child.inc(0);
  const duration = new Histogram({
    name: 'podrole_request_duration_seconds',
    help: 'Time from the headers of an admission request to its answer',
    buckets: DURATION_BUCKETS_SECONDS,
    registers,
  });
  const lookups = new Counter({
    name: 'podrole_live_lookups_total',
    help: 'ServiceAccounts asked for at the API server, by result',
    labelNames: ['result'],
    registers,
  });
  const watchStarts = new Counter({
    name: 'podrole_watch_starts_total',
    help: 'Watch requests begun, by resource',
    labelNames: ['resource'],
    registers,
  });
  const lists = new Counter({
    name: 'podrole_watch_lists_total',
    help: 'Times that the whole state was asked for, by resource',
    labelNames: ['resource'],
    registers,
  });
  return {
    registry,
    reviewed: (result, seconds) => {
      counted.get(result)?.inc();
      duration.observe(seconds);
    },
    lookedUp: (result) => lookups.inc({ result }),
    watchStarted: (resource) => watchStarts.inc({ resource }),
    watchListed: (resource) => lists.inc({ resource }),
    counter: (name, help) => {
      const counter = new Counter({ name, help, registers });
      return () => counter.inc();
    },
    gauge: (name, help, labelNames, samples) => {
      new Gauge({
        name,
        help,
        labelNames: [...labelNames],
        registers,
        collect() {
          this.reset();
          for (const { labels, value } of samples()) this.set({ ...labels }, value);
        },
      });
    },
  };
}
