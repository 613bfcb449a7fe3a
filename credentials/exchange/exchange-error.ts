import { type Fault, PodroleError } from '../../lib/errors.ts';

/**
 * Time of the next attempt: `soon` if the failure may pass by itself, `late` if somebody has to change
 * something first.
 */
export type Retry = 'soon' | 'late';

/** Error of an exchange, and when it makes sense to try again. */
export class ExchangeError extends PodroleError {
  readonly retry: Retry;

  constructor(fault: Fault, retry: Retry, options?: ErrorOptions) {
    super(fault, options);
    this.retry = retry;
  }
}
