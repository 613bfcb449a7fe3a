import { isIPv6 } from 'node:net';
import { messageOf } from '../../lib/errors.ts';
import type { FindLink, Link } from '../../lib/network/links.ts';

/** Place to which the kernel sends the packets to an address. */
export type Neighbour = Pick<Link, 'device' | 'mac'>;

/** Returns the neighbour that has an address; undefined if the kernel knows none, or more than one. */
export type FindNeighbour = (address: string) => Promise<Neighbour | undefined>;

/** Runs `ip` with arguments and returns what it prints. Rejects if it cannot. */
export type RunIp = (args: readonly string[]) => Promise<string>;

/**
 * Returns a function that finds the neighbour of an IPv4 address by a file of the kernel, and that of an IPv6
 * address by `ip` of iproute2, since the kernel has no such file for IPv6. Without `ip`, callers by IPv6 are
 * not certain.
 */
export function neighbourFinder(findLink: FindLink, runIp: RunIp): FindNeighbour {
  return async (address) => {
    if (!isIPv6(address)) return findLink(address);
    const printed = await runIp(['-6', 'neigh', 'show', 'to', address]).catch((thrown) => {
      throw new Error(
        `the link of an IPv6 address is not known: ${messageOf(thrown)}, or let the container use IPv4`,
      );
    });
    const [neighbour, another] = printed.split('\n').flatMap((line) => readNeighbour(line, address) ?? []);
    return another ? undefined : neighbour;
  };
}

/** `fd09::2 dev br-a5da3355f5cb lladdr 02:42:ac:12:00:02 REACHABLE` */
function readNeighbour(line: string, address: string): Neighbour | undefined {
  const [shown, ...words] = line.trim().split(' ');
  const after = (name: string) => words[words.indexOf(name) + 1] ?? '';
  if (shown !== address || !words.includes('dev') || !words.includes('lladdr')) return undefined;
  return { device: after('dev'), mac: after('lladdr') };
}
