import { PodroleError } from '../../lib/errors.ts';

/** Returns the error of a caller whose session belongs to nobody any more. */
export function sessionDropped(): PodroleError {
  return new PodroleError({
    code: 'SESSION_DROPPED',
    object: 'session',
    problem: 'has been dropped, because its owner has ended or has another role now',
    remedy: 'ask again from a workload that runs',
  });
}
