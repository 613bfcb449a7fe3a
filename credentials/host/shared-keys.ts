import type { Clock } from '../../lib/clock.ts';
import { ExchangeError } from '../exchange/exchange-error.ts';
import type { HostKeys } from './host-credentials.ts';

/** Keys of the host, for all exchanges. */
export interface SharedKeys {
  /**
   * Returns the keys to sign with.
   * @throws what `find` throws; ExchangeError `NO_AWS_CREDENTIALS` if it takes too long
   */
  readonly current: (signal: AbortSignal) => Promise<HostKeys>;
  /** Reports that STS refused the keys: the next exchange looks for others. */
  readonly doubt: () => void;
}

/**
 * Time for which credentials that end are used again: a server gave them, and would be asked for each
 * container. Those that do not end come from variables or files, and are read for each exchange.
 */
const HELD_MS = 60_000;
/** The SDK treats credentials as expired from then on. */
const LEAST_LEFT_MS = 5 * 60_000;
/** Longest wait: the process of a profile may wait for a person. */
const LONGEST_WAIT_MS = 30_000;

/**
 * Shares the host's keys among exchanges.
 * @param find finds the keys. At most one call is under way, also while it hangs: the process of a profile
 *   that never ends is started once.
 */
export function shareKeys(find: () => Promise<HostKeys>, clock: Clock): SharedKeys {
  let held: { readonly keys: HostKeys; readonly untilMs: number } | undefined;
  let underWay: Promise<HostKeys> | undefined;

  async function findOnce(): Promise<HostKeys> {
    const askedAtMs = clock.monotonicMs();
    const keys = await find();
    const leftMs = keys.expiration ? keys.expiration.getTime() - clock.now().getTime() : 0;
    held = { keys, untilMs: askedAtMs + Math.min(HELD_MS, leftMs - LEAST_LEFT_MS) };
    return keys;
  }

  async function current(signal: AbortSignal): Promise<HostKeys> {
    if (held && clock.monotonicMs() < held.untilMs) return held.keys;
    held = undefined;
    underWay ??= findOnce().finally(() => {
      underWay = undefined;
    });
    return waitFor(underWay, clock, signal);
  }

  return {
    current,
    doubt: () => {
      held = undefined;
    },
  };
}

async function waitFor(keys: Promise<HostKeys>, clock: Clock, signal: AbortSignal): Promise<HostKeys> {
  signal.throwIfAborted();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const cancel = clock.after(LONGEST_WAIT_MS, () => reject(tooSlow()));
  try {
    return await Promise.race([keys, ended]);
  } finally {
    cancel();
    signal.removeEventListener('abort', onAbort);
  }
}

function tooSlow(): ExchangeError {
  return new ExchangeError(
    {
      code: 'NO_AWS_CREDENTIALS',
      object: "the host's own credentials",
      problem: `no source gave them within ${LONGEST_WAIT_MS / 1_000} s`,
      remedy: 'check that the process of the profile ends, and that it asks for no input',
    },
    'soon',
  );
}
