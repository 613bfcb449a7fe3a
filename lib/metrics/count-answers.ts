import { Counter, type Registry } from 'prom-client';

export interface AnswerCounterOptions {
  readonly name: string;
  readonly help: string;
}

/**
 * Registers a counter of HTTP answers by their status.
 * @returns a function that counts one; cheap enough for every request
 */
export function countAnswers(
  registry: Registry,
  { name, help }: AnswerCounterOptions,
): (status: number) => void {
  const requests = new Counter({ name, help, labelNames: ['status'], registers: [registry] });
  requests.inc({ status: '200' }, 0);
  const children = new Map<number, Counter.Internal>();
  return (status) => {
    const child = children.get(status) ?? requests.labels(String(status));
    children.set(status, child);
    child.inc();
  };
}
