import type { HostContainer } from '../containers/host-container.ts';
import { shortId } from '../containers/short-id.ts';

/** Returns what a log line says about a container. Its environment is never part of it. */
export function containerSubject(container: Pick<HostContainer, 'name' | 'id'>): {
  readonly container: string;
  readonly id: string;
} {
  return { container: container.name, id: shortId(container) };
}
