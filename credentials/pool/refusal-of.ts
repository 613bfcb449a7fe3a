import { type Fault, PodroleError } from '../../lib/errors.ts';
import type { ExchangeResult } from '../session-keeper.ts';

/** Returns the fault of an exchange that STS refused; undefined for failures that may pass by themselves. */
export function refusalOf(result: ExchangeResult): Fault | undefined {
  const failure = 'failure' in result ? result.failure : undefined;
  const fault = failure instanceof PodroleError ? failure.faults[0] : undefined;
  return fault?.code === 'STS_REFUSED' ? fault : undefined;
}
