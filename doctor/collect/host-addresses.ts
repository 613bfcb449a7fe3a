import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { messageOf } from '../../lib/errors.ts';
import type { Reading } from '../facts/reading.ts';

/** Returns the addresses of a host name. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export const lookUp: Resolve = async (host) =>
  (await lookup(host, { all: true })).map(({ address }) => address);

/** Most addresses of a host that are kept. */
const MAX_ADDRESSES = 20;

/** Reads the addresses of a URL's host; those of a literal address are itself. */
export async function readAddresses(
  url: string,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<Reading<string[]>> {
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host)) return { state: 'read', value: [host] };
  try {
    const addresses = await Promise.race([resolve(host), rejectionOf(signal)]);
    return { state: 'read', value: addresses.slice(0, MAX_ADDRESSES) };
  } catch (thrown) {
    return { state: 'failed', said: messageOf(thrown) };
  }
}

/** Rejects when a signal is aborted; a DNS query itself cannot be. */
function rejectionOf(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return promise;
}

/**
 * Addresses that answer metadata and credentials of this machine, on any of the usual clouds. An issuer or a
 * tenant may be hostile: what they name must not make an administrator's machine ask them.
 */
const METADATA = new BlockList();
METADATA.addSubnet('169.254.0.0', 16, 'ipv4');
METADATA.addAddress('100.100.100.200', 'ipv4');
METADATA.addAddress('168.63.129.16', 'ipv4');
METADATA.addAddress('192.0.0.192', 'ipv4');
METADATA.addSubnet('fe80::', 10, 'ipv6');
METADATA.addSubnet('fd00:ec2::', 32, 'ipv6');

/** Addresses of whoever asks. A system connects to its own loopback for 0.0.0.0, too. */
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addSubnet('0.0.0.0', 8, 'ipv4');
LOOPBACK.addSubnet('::', 127, 'ipv6');

/** Returns true if a host may be one that answers metadata of this machine. */
export function leadsToMetadata(addresses: Reading<readonly string[]>): boolean {
  return hasOneOf(METADATA, addresses);
}

/** Returns true if a host may be this machine. */
export function leadsToLoopback(addresses: Reading<readonly string[]>): boolean {
  return hasOneOf(LOOPBACK, addresses);
}

function hasOneOf(list: BlockList, addresses: Reading<readonly string[]>): boolean {
  if (addresses.state !== 'read') return false;
  return addresses.value.some((address) => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'));
}
