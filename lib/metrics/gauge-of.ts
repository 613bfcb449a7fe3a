import { Gauge, type Registry } from 'prom-client';

export interface GaugeOptions {
  readonly name: string;
  readonly help: string;
  /** Called by each scrape; undefined while the value is not known. */
  readonly value: () => number | undefined;
}

/** Registers a gauge that is read when it is scraped. */
export function gaugeOf(registry: Registry, { name, help, value }: GaugeOptions): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      const now = value();
      if (now !== undefined) this.set(now);
    },
  });
}
