import type { LinkFiles } from '../lib/network/links.ts';
import type { ServingSurroundings } from '../lib/surroundings.ts';
import type { PortFiles } from './caller/bridge-port.ts';
import type { DockerMetrics } from './metrics.ts';

/** Surroundings of `podrole docker`. */
export interface DockerSurroundings extends ServingSurroundings {
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
