import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Env, Random } from '../lib/surroundings.ts';
import type { DockerSettings } from './settings.ts';

/** Surroundings of `podrole docker`. */
export interface DockerSurroundings {
  readonly env: Env;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly randomBytes: (length: number) => Buffer;
  /** Aborted when the process must end. */
  readonly signal: AbortSignal;
}

/** Stands in until the containers are served. */
export async function runDocker(settings: DockerSettings, _: DockerSurroundings): Promise<void> {
  throw new Error(`containers of ${settings.dockerHost} are not served yet`);
}
