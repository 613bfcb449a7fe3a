import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { LinkFiles } from '../lib/network/links.ts';
import type { Env, Random } from '../lib/surroundings.ts';
import type { PortFiles } from './caller/bridge-port.ts';
import type { DockerMetrics } from './metrics.ts';

/** Surroundings of `podrole docker`. */
export interface DockerSurroundings {
  readonly env: Env;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly randomBytes: (length: number) => Buffer;
  /** Aborted when the process must end. */
  readonly signal: AbortSignal;
  /** Files of the kernel that say who has an address; default: those of this host. */
  readonly files?: HostFiles;
}

export interface HostFiles {
  /** LINK_FILES */
  readonly links: LinkFiles;
  /** PORT_FILES */
  readonly ports: PortFiles;
}

/** The same, with the metrics of this process. */
export interface MeasuredDocker extends DockerSurroundings {
  readonly metrics: DockerMetrics;
}
