import { pause, systemClock } from '../../../lib/clock.ts';
import { messageOf, PodroleError } from '../../../lib/errors.ts';
import type { Reading } from '../../facts/reading.ts';

/** Enough for an account that is throttled, and for a sign-in by the profile. */
const TIMEOUT_MS = 15_000;

/** No right helps as long as nobody knows who asks. */
const NOBODY = ['NO_AWS_CREDENTIALS', 'INVALID_AWS_CREDENTIALS'];

/**
 * Makes a reading of a call to IAM.
 * @param needs the right that it needs: `iam:GetRole on role shop-web`
 * @param read returns undefined if IAM says that the object does not exist
 */
export async function iamReading<Value>(
  needs: string,
  signal: AbortSignal,
  read: () => Promise<Value | undefined>,
): Promise<Reading<Value>> {
  const done = new AbortController();
  const late = pause(systemClock, TIMEOUT_MS, AbortSignal.any([signal, done.signal])).then(
    (): Reading<Value> => ({ state: 'failed', said: `no answer within ${TIMEOUT_MS / 1_000} s` }),
  );
  try {
    return await Promise.race([late, readingOf(needs, read)]);
  } finally {
    done.abort();
  }
}

async function readingOf<Value>(
  needs: string,
  read: () => Promise<Value | undefined>,
): Promise<Reading<Value>> {
  try {
    const value = await read();
    return value === undefined ? { state: 'absent' } : { state: 'read', value };
  } catch (thrown) {
    if (!(thrown instanceof PodroleError)) return { state: 'failed', said: messageOf(thrown) };
    const [fault] = thrown.faults;
    const said = fault?.problem ?? thrown.code;
    if (thrown.code === 'IAM_ACCESS_DENIED') return { state: 'denied', needs, said };
    return { state: 'failed', said, ...(NOBODY.includes(thrown.code) ? { remedy: fault?.remedy } : {}) };
  }
}
