import type { HostContainer } from '../containers/host-container.ts';

/** Digits of an ID that `docker ps` shows. */
const SHORT_ID_LENGTH = 12;

/** Returns what a log line says about a container. Its environment is never part of it. */
export function containerSubject({ name, id }: Pick<HostContainer, 'name' | 'id'>): {
  readonly container: string;
  readonly id: string;
} {
  return { container: name, id: id.slice(0, SHORT_ID_LENGTH) };
}
