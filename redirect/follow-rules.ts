import { type Clock, pause } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';

/** Checks the rules of the host; returns their problems, each as a sentence. */
export type ProveRules = () => Promise<readonly string[]>;

/** The last result of the check. */
export interface FollowedRules {
  readonly problems: () => readonly string[];
  readonly stop: () => void;
}

export interface FollowRulesOptions {
  /** `the rules of the node` */
  readonly rules: string;
  readonly prove: ProveRules;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The check costs one connection within the kernel. */
const EVERY_MS = 2_000;

/** Checks the rules again and again, and logs each change of the result. */
export function followRules({ rules, prove, clock, logger }: FollowRulesOptions): FollowedRules {
  const stopping = new AbortController();
  let problems: readonly string[] = [`${rules} are not checked yet`];
  const run = async () => {
    while (!stopping.signal.aborted) {
      const found = await prove();
      if (found.join() !== problems.join()) {
        if (found.length > 0) logger.warn({ problems: found }, `${rules} are not in effect`);
        else logger.info(`${rules} are in effect`);
      }
      problems = found;
      await pause(clock, EVERY_MS, stopping.signal);
    }
  };
  run().catch((thrown: unknown) => {
    logger.error({ err: thrown }, `${rules} are no longer checked`);
    problems = [`${rules} are no longer checked; the log says why`];
  });
  return { problems: () => problems, stop: () => stopping.abort() };
}
