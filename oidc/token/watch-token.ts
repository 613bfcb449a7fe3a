import { backoffMs } from '../../lib/backoff.ts';
import { type Clock, pause } from '../../lib/clock.ts';
import { faultCodeOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/surroundings.ts';
import type { MintedToken } from './mint-token.ts';
import { type Minting, untilRenewalMs } from './renewal.ts';

export interface TokenWatch {
  /** Mints a token and writes it. If it throws, the old token is still in place. */
  readonly renew: (now: Date) => Promise<MintedToken>;
  readonly lifetimeMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

const RETRY = { firstMs: 1_000, longestMs: 60_000 } as const;
/** The wall clock may be set at any time. */
const LOOK_AT_CLOCK_MS = 30_000;

interface Current extends MintedToken {
  readonly minting: Minting;
  readonly random: number;
}

/**
 * Keeps a token fresh until the signal. A failed renewal is logged and tried again; the old token stays.
 * @throws what the first renewal throws; PodroleError `FOLDER_REFUSED` if another process writes the token
 */
export async function watchToken(
  { renew, lifetimeMs, clock, random, logger }: TokenWatch,
  signal: AbortSignal,
): Promise<void> {
  const look = (): Minting => ({ wallMs: clock.now().getTime(), monotonicMs: clock.monotonicMs() });
  const renewNow = async (): Promise<Current> => {
    const minting = look();
    const minted = await renew(new Date(minting.wallMs));
    logger.info({ kid: minted.kid, expiresAt: minted.expiresAt }, 'token written');
    return { ...minted, minting, random: random() };
  };
  let current = await renewNow();
  for (let failures = 0; !signal.aborted; ) {
    const dueInMs = untilRenewalMs(current.minting, lifetimeMs, look(), current.random);
    if (failures === 0 && dueInMs > 0) {
      await pause(clock, Math.min(dueInMs, LOOK_AT_CLOCK_MS), signal);
      continue;
    }
    try {
      current = await renewNow();
      failures = 0;
    } catch (thrown) {
      if (faultCodeOf(thrown) === 'FOLDER_REFUSED') throw thrown;
      failures += 1;
      const retryInMs = backoffMs(RETRY, failures, random());
      const retryInSeconds = Math.round(retryInMs / 100) / 10;
      const { expiresAt } = current;
      logger.error(
        { err: thrown, failures, retryInSeconds, expiresAt },
        'token not renewed; the old one stays',
      );
      await pause(clock, retryInMs, signal);
    }
  }
  logger.info('stopped');
}
