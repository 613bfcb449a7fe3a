import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Clock } from '../../lib/clock.ts';
import type { PublishResult, Term, WatchJournal } from './journal.ts';

const RESULTS: readonly PublishResult[] = ['unchanged', 'published', 'failed'];

/**
 * Metrics of `podrole publish --watch` in a registry of their own, with those of the process; read from the journal at each scrape.
 * What only the leader knows has no sample at the other replicas: an alert takes the maximum over all.
 */
export function watchMetrics(journal: WatchJournal, clock: Clock): Registry {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const termGauge = (name: string, help: string, valueIn: (term: Term) => number | undefined) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const term = journal.term();
        const value = term && valueIn(term);
        this.remove();
        if (value !== undefined) this.set(value);
      },
    });
  termGauge(
    'podrole_publication_check_age_seconds',
    'Seconds since the last successful check of what is published; before the first, since this replica leads',
    ({ checks }) => (clock.monotonicMs() - (checks.lastSuccessMs ?? checks.sinceMs)) / 1_000,
  );
  termGauge(
    'podrole_publication_last_success_timestamp_seconds',
    'When what is published was last found or made to be what it should be',
    ({ lastSuccess }) => lastSuccess && lastSuccess.getTime() / 1_000,
  );
  termGauge('podrole_publication_keys', 'Keys in the published set', ({ keys }) => keys);
  termGauge(
    'podrole_publication_drift',
    '1 while what is published differs from what it should be and could not be mended, else 0',
    ({ hasDrift }) => (hasDrift === undefined ? undefined : Number(hasDrift)),
  );
  new Gauge({
    name: 'podrole_publisher_is_leader',
    help: '1 at the replica that publishes, 0 at the others',
    registers,
    collect() {
      this.set(Number(journal.term() !== undefined));
    },
  });
  new Counter({
    name: 'podrole_publication_checks_total',
    help: 'Checks of what is published: found unchanged, published anew, failed',
    labelNames: ['result'],
    registers,
    collect() {
      this.reset();
      for (const result of RESULTS) this.inc({ result }, journal.results[result]);
    },
  });
  return registry;
}
