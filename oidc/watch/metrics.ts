import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Clock } from '../../lib/clock.ts';
import type { PublishResult, Term, WatchJournal } from './journal.ts';

const RESULTS: readonly PublishResult[] = ['unchanged', 'published', 'failed'];

/**
 * Metrics of `podrole publish --watch`, with those of the process, in a registry of their own. Each scrape
 * reads the journal. Metrics that only the leader knows have no sample on the other replicas: alerts take the
 * maximum over all replicas.
 */
export function createWatchMetrics(journal: WatchJournal, clock: Clock): Registry {
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
    'Seconds since the last successful check of the publication; before the first one, since this replica leads',
    ({ checks }) => (clock.monotonicMs() - (checks.lastSuccessMs ?? checks.sinceMs)) / 1_000,
  );
  termGauge(
    'podrole_publication_last_success_timestamp_seconds',
    'Time at which the publication was last found correct, or corrected',
    ({ lastSuccess }) => lastSuccess && lastSuccess.getTime() / 1_000,
  );
  termGauge('podrole_publication_keys', 'Keys in the published set', ({ keys }) => keys);
  termGauge(
    'podrole_publication_drift',
    '1 while the publication differs from what it should be and could not be corrected, otherwise 0',
    ({ hasDrift }) => (hasDrift === undefined ? undefined : Number(hasDrift)),
  );
  new Gauge({
    name: 'podrole_publisher_is_leader',
    help: '1 on the replica that publishes, 0 on the others',
    registers,
    collect() {
      this.set(Number(journal.term() !== undefined));
    },
  });
  new Counter({
    name: 'podrole_publication_checks_total',
    help: 'Checks of the publication by result: unchanged, published, failed',
    labelNames: ['result'],
    registers,
    collect() {
      this.reset();
      for (const result of RESULTS) this.inc({ result }, journal.results[result]);
    },
  });
  return registry;
}
