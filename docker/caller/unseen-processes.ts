import type { HostContainer } from '../containers/host-container.ts';
import type { PortReader } from './bridge-port.ts';

/** One that has just ended proves nothing. */
const LOOKED_AT = 4;

/**
 * Returns a problem, as a sentence, if no process of a container can be seen from here: then no caller is
 * certain. Looks at some containers only, whatever their number.
 */
export function unseenProcesses(
  containers: Iterable<HostContainer>,
  ports: Pick<PortReader, 'interfacesOf'>,
): readonly string[] {
  let unseen = 0;
  for (const container of containers) {
    if (ports.interfacesOf(container)) return [];
    unseen += 1;
    if (unseen === LOOKED_AT) break;
  }
  return unseen === 0
    ? []
    : [
        'podrole cannot see the processes of containers: run it in the PID namespace of the host (--pid host)',
      ];
}
