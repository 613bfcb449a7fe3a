import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ReviewResult } from './admission.ts';
import type { EventResult } from './events/report-warnings.ts';

export type LookupResult = 'found' | 'absent' | 'failed' | 'refused';

/** Metrics of the server. Each function is cheap enough for every request. */
export interface WebhookMetrics {
  readonly registry: Registry;
  readonly reviewed: (result: ReviewResult, seconds: number) => void;
  readonly lookedUp: (result: LookupResult) => void;
  readonly eventOffered: (result: EventResult) => void;
  readonly watchStarted: (resource: string) => void;
  readonly watchListed: (resource: string) => void;
  /**
   * Registers a counter.
   * @returns a function that counts one more
   */
  readonly counter: (name: string, help: string) => () => void;
  /** Registers a gauge. Each scrape asks for its samples. */
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

/**
 * From half a millisecond, since a review takes about a quarter of one, to 10 s, the API server's default
 * timeout.
 */
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

const LOOKUP_RESULTS: readonly LookupResult[] = ['found', 'absent', 'failed', 'refused'];

/** Creates a registry with the metrics of the webhook and those of the process. */
export function createMetrics(): WebhookMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const lookups = counterBy(registry, 'result', {
    name: 'podrole_live_lookups_total',
    help: 'ServiceAccounts asked for at the API server, by result',
    values: LOOKUP_RESULTS,
  });
  const watchStarts = counterBy(registry, 'resource', {
    name: 'podrole_watch_starts_total',
    help: 'Watch requests begun, by resource',
  });
  const lists = counterBy(registry, 'resource', {
    name: 'podrole_watch_lists_total',
    help: 'Times that the whole state was asked for, by resource',
  });
  const events = counterBy(registry, 'result', {
    name: 'podrole_events_total',
    help: 'Warnings of pods to report as Events on their owners, by result',
  });
  return {
    registry,
    eventOffered: events,
    reviewed: reviewMetrics(registry),
    lookedUp: lookups,
    watchStarted: watchStarts,
    watchListed: lists,
    counter: (name, help) => {
      const counter = new Counter({ name, help, registers: [registry] });
      return () => counter.inc();
    },
    gauge: (name, help, labelNames, samples) => {
      new Gauge({
        name,
        help,
        labelNames: [...labelNames],
        registers: [registry],
        collect() {
          this.reset();
          for (const { labels, value } of samples()) this.set({ ...labels }, value);
        },
      });
    },
  };
}

function reviewMetrics(registry: Registry): WebhookMetrics['reviewed'] {
  const registers = [registry];
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
  return (result, seconds) => {
    counted.get(result)?.inc();
    duration.observe(seconds);
  };
}

interface CounterOptions {
  readonly name: string;
  readonly help: string;
  /** Values that begin at 0: an alert does not see the first event of a series that begins at 1. */
  readonly values?: readonly string[];
}

/**
 * Registers a counter with one label.
 * @returns a function that counts one more for a value of that label
 */
function counterBy(
  registry: Registry,
  label: string,
  { name, help, values = [] }: CounterOptions,
): (value: string) => void {
  const counter = new Counter({ name, help, labelNames: [label], registers: [registry] });
  for (const value of values) counter.inc({ [label]: value }, 0);
  return (value) => counter.inc({ [label]: value });
}
