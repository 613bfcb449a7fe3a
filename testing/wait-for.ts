import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../lib/errors.ts';
import { SetupError } from './setup-error.ts';

const POLL_INTERVAL_MS = 50;

/**
 * Polls until there is an answer.
 * @param probe returns undefined or false, or throws, until the expected state is reached
 * @param what completes "waited for ...": names the object and the state
 * @param hopeless ends the waiting at once, with the signal's reason
 * @returns the probe's first answer
 * @throws SetupError `WAIT_TIMEOUT` with the probe's last error
 */
export async function waitFor<T>(
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  what: string,
  timeoutMs = 30_000,
  hopeless?: AbortSignal,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  do {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer;
      last = undefined;
    } catch (thrown) {
      last = thrown;
    }
    hopeless?.throwIfAborted();
    await sleep(POLL_INTERVAL_MS);
  } while (performance.now() < deadline);
  throw new SetupError(
    {
      code: 'WAIT_TIMEOUT',
      object: what,
      problem: `did not happen within ${timeoutMs} ms${last === undefined ? '' : ` (${messageOf(last)})`}`,
      remedy: 'see what was logged; in e2e PODROLE_E2E_LOGS keeps it',
    },
    { cause: last },
  );
}
