import { Counter, type Registry } from 'prom-client';

export interface CounterOptions {
  readonly name: string;
  readonly help: string;
  /** Values that begin at 0: an alert does not see the first event of a series that begins at 1. */
  readonly values?: readonly string[];
}

/**
 * Registers a counter with one label.
 * @returns a function that counts one more for a value of that label
 */
export function counterBy(
  registry: Registry,
  label: string,
  { name, help, values = [] }: CounterOptions,
): (value: string) => void {
  const counter = new Counter({ name, help, labelNames: [label], registers: [registry] });
  for (const value of values) counter.inc({ [label]: value }, 0);
  return (value) => counter.inc({ [label]: value });
}
