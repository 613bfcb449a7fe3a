import { existsSync, readFileSync } from 'node:fs';
import type { NetworkInterfaceInfo } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '../../lib/errors.ts';
import type { NodeInterface } from './node-network.ts';

/** Flags of a route. Linux, include/uapi/linux/route.h */
const ROUTE = { isUp: 0x1, isRejected: 0x200 } as const;

/**
 * Reads the interfaces of this network namespace.
 * @param addressesOf os.networkInterfaces()
 * @param root folder of the file systems proc and sys
 */
export function readInterfaces(
  addressesOf: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
  root = '/',
): readonly NodeInterface[] {
  const lines = (file: string) => readLines(join(root, 'proc/net', file));
  const routed = new Set([
    ...lines('route').flatMap(defaultRouteOfIpv4),
    ...lines('ipv6_route').flatMap(defaultRouteOfIpv6),
  ]);
  const entries = Object.entries(addressesOf);
  return lines('dev')
    .flatMap((line) => /^\s*(\S+):/.exec(line)?.[1] ?? [])
    .map((name) => ({
      name,
      // An address with a label is listed as `eth0:label`.
      addresses: entries
        .filter(([label]) => label === name || label.startsWith(`${name}:`))
        .flatMap(([, addresses = []]) => addresses.map(({ address }) => address))
        .filter((address) => !/^fe[89ab]/i.test(address)),
      hasDefaultRoute: routed.has(name),
      isHardware: existsSync(join(root, 'sys/class/net', name, 'device')),
    }));
}

/** Columns: Iface, Destination, Gateway, Flags, RefCnt, Use, Metric, Mask. Linux, net/ipv4/fib_trie.c */
function defaultRouteOfIpv4(line: string): readonly string[] {
  const [name = '', destination, , flags = '', , , , mask] = line.trim().split(/\s+/);
  return destination === '00000000' && mask === '00000000' && isUsed(flags) ? [name] : [];
}

/** Columns: destination, its length, source, its length, next hop, metric, two counts, flags, interface. */
function defaultRouteOfIpv6(line: string): readonly string[] {
  const columns = line.trim().split(/\s+/);
  const [destination = '', length] = columns;
  const [flags = '', name = ''] = columns.slice(8);
  return /^0{32}$/.test(destination) && length === '00' && name !== 'lo' && isUsed(flags) ? [name] : [];
}

function isUsed(flags: string): boolean {
  const bits = Number.parseInt(flags, 16);
  return (bits & ROUTE.isUp) !== 0 && (bits & ROUTE.isRejected) === 0;
}

/** A kernel without IPv6 has no file of its routes. */
function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return [];
    throw thrown;
  }
}
