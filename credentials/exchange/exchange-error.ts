import { type Fault, PodroleError } from '../../lib/errors.ts';

/**
 * Time of the next attempt: `soon` if the failure may pass by itself, `late` if somebody has to change
 * something first.
 */
export type Retry = 'soon' | 'late';

interface ExchangeErrorOptions extends ErrorOptions {
  readonly clockAheadMs?: number | undefined;
}

/** Error of an exchange, and when it makes sense to try again. */
export class ExchangeError extends PodroleError {
  readonly retry: Retry;
  /** Time by which this machine is ahead of the STS that refused; undefined if its answer had no time. */
  readonly clockAheadMs: number | undefined;

  constructor(fault: Fault | readonly Fault[], retry: Retry, options: ExchangeErrorOptions = {}) {
    super(fault, options);
    this.retry = retry;
    this.clockAheadMs = options.clockAheadMs;
  }
}
