import { type Fault, PodroleError } from '../../lib/errors.ts';

/** When to try again: `soon` where the failure may pass by itself, `late` where somebody has to change something first. */
export type Retry = 'soon' | 'late';

/** Why there are no new credentials, and when it makes sense to ask again. */
export class ExchangeError extends PodroleError {
  readonly retry: Retry;

  constructor(fault: Fault, retry: Retry, options?: ErrorOptions) {
    super(fault, options);
    this.retry = retry;
  }
}
