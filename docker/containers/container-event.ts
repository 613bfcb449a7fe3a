/** Something that has happened to a container. */
export interface ContainerEvent {
  /** `start`, `rename`, `update`, `connect`, `disconnect`, or one of `ENDS` */
  readonly action: string;
  readonly containerId: string;
}

/**
 * Actions after which a container has no process: those of Docker, and those of Podman. A restart is an end
 * and a start.
 */
export const ENDS: ReadonlySet<string> = new Set(['die', 'destroy', 'died', 'remove']);
