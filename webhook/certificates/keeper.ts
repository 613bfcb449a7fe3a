import { pause } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import { certificateNotReady } from './decide/not-ready.ts';
import { type CertificateFacts, readFacts } from './facts.ts';
import { INITIAL_STATE, withFacts } from './keeper-state.ts';
import type { CertificateSurroundings } from './surroundings.ts';
import { takeStep } from './take-step.ts';

export interface CertificateKeeper {
  readonly notReady: () => readonly string[];
  /** Maintains the certificates until the signal. Throws nothing: the next look tries again what failed. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** A first installation takes four steps, and each lost race two more. */
const STEPS_MAX = 12;

export function createCertificateKeeper(surroundings: CertificateSurroundings): CertificateKeeper {
  const { service, configurations, timing, clock, random, logger } = surroundings;
  let state = INITIAL_STATE;
  /** Message of the last look, if it failed. */
  let failure: string | undefined;

  /**
   * Takes steps until there is nothing to do.
   * @returns the time until the next look, in ms
   */
  async function look(signal: AbortSignal): Promise<number> {
    const present = { ...surroundings, signal };
    let found: CertificateFacts | undefined;
    for (let steps = 0; steps < STEPS_MAX; steps += 1) {
      found ??= await readFacts(present);
      state = withFacts(state, found, surroundings);
      const taken = await takeStep({ state, found }, present);
      ({ state, found } = taken);
      if (taken.waitMs !== undefined) return taken.waitMs;
    }
    return timing.lookMs;
  }

  async function attempt(signal: AbortSignal): Promise<number> {
    try {
      const waitMs = await look(signal);
      if (failure !== undefined) logger.info('certificate check works again');
      failure = undefined;
      // If the Secret is deleted later, no pair that may have been in it must come back.
      state = { ...state, spare: undefined };
      return waitMs;
    } catch (thrown) {
      const message = messageOf(thrown);
      // While an API server is away, each look fails in the same way.
      if (message !== failure && !signal.aborted) {
        logger.warn({ err: thrown }, 'certificate check failed; the next one tries again');
      }
      failure = message;
      return timing.lookMs;
    }
  }

  return {
    notReady: () =>
      certificateNotReady({
        ...state,
        now: clock.now(),
        configurationName: configurations.name,
        serviceName: `Service ${service.namespace}/${service.name}`,
        failure,
      }),
    run: async (signal) => {
      while (!signal.aborted) {
        const waitMs = await attempt(signal);
        // Replicas that start together should not look together.
        await pause(clock, waitMs * (0.8 + 0.4 * random()), signal);
      }
    },
  };
}
