import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { EventResult } from '../kubernetes/events/report-warnings.ts';
import { counterBy } from '../lib/metrics/counter-by.ts';
import type { Refusal } from '../policy/role-use.ts';
import { POLICY_MODES, type PolicySettings } from '../policy/settings.ts';
import type { ReviewResult } from './admission.ts';

/** Outcome of reading the policy file. */
export type PolicyLoad = 'loaded' | 'failed';

export type LookupResult = 'found' | 'absent' | 'failed' | 'refused';

/** Metrics of the server. Each function is cheap enough for every request. */
export interface WebhookMetrics {
  readonly registry: Registry;
  readonly reviewed: (result: ReviewResult, seconds: number) => void;
  readonly lookedUp: (result: LookupResult) => void;
  readonly eventOffered: (result: EventResult) => void;
  readonly policyLoaded: (load: PolicyLoad) => void;
  /** Counts a role that a rule refuses, whether the pod got it or not. */
  readonly roleRefused: (rule: Refusal['rule'], mode: PolicySettings['policy']) => void;
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
  'forbidden',
  'failed',
];
const RULES: readonly Refusal['rule'][] = [
  'permitted',
  'allowed-roles',
  'namespace-policy',
  'policy-file',
  'no-rule',
];

const LOOKUP_RESULTS: readonly LookupResult[] = ['found', 'absent', 'failed', 'refused'];

/** Creates a registry with the metrics of the webhook and those of the process. */
export function createMetrics(): WebhookMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const lookups = counterBy(registry, 'result', {
    name: 'podrole_live_lookups_total',
    help: 'ServiceAccounts and Namespaces asked for at the API server, by result',
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
  const policyLoads = counterBy(registry, 'result', {
    name: 'podrole_policy_file_loads_total',
    help: 'Times that the policy file was read, by result',
  });
  return {
    registry,
    eventOffered: events,
    reviewed: reviewMetrics(registry),
    policyLoaded: policyLoads,
    roleRefused: refusalMetrics(registry),
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

function refusalMetrics(registry: Registry): WebhookMetrics['roleRefused'] {
  const refusals = new Counter({
    name: 'podrole_policy_refusals_total',
    help: 'Roles that a rule refuses, by the rule and by --policy',
    labelNames: ['rule', 'mode'],
    registers: [registry],
  });
  for (const rule of RULES) for (const mode of POLICY_MODES) refusals.inc({ rule, mode }, 0);
  return (rule, mode) => refusals.inc({ rule, mode });
}
