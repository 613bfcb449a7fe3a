import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Destination of packets to an address, as the kernel of the node knows it. */
export interface Link {
  /** `cni0`, `cali1234567890a` */
  readonly device: string;
  /** `02:00:00:00:00:07` */
  readonly mac: string;
  /** Port of the bridge behind which the MAC is; undefined if the device is not a bridge. */
  readonly port: number | undefined;
  /**
   * True if the MAC is new with each sandbox. Some networks derive it from the address, or give the same one
   * to all.
   */
  readonly isWitness: boolean;
  /** Other addresses behind the same port. */
  readonly beside: readonly string[];
}

/** Returns the link of an address; undefined for one that the node has not, or of IPv6. */
export type FindLink = (address: string) => Link | undefined;

export interface LinkFiles {
  /** `/proc/net/arp` */
  readonly arp: string;
  /** `/sys/class/net` */
  readonly devices: string;
}

export const LINK_FILES: LinkFiles = { arp: '/proc/net/arp', devices: '/sys/class/net' };

/**
 * Returns a function that reads the link of an address. Once the handshake of a connection is complete, the
 * kernel has sent a packet of it to this link.
 */
export function linkFinder(files: LinkFiles): FindLink {
  return (address) => {
    if (address.includes(':')) return undefined;
    const neighbours = parseArp(textOf(files.arp));
    const own = neighbours.get(address);
    if (!own) return undefined;
    const ports = readBridgePorts(files.devices, own.device);
    const port = ports?.get(own.mac);
    const alike = [...neighbours].filter(([other, { device }]) => other !== address && device === own.device);
    return {
      ...own,
      port,
      isWitness: isNewWithEachSandbox(address, own.mac) && !alike.some(([, { mac }]) => mac === own.mac),
      beside:
        port === undefined
          ? []
          : alike.filter(([, { mac }]) => ports?.get(mac) === port).map(([other]) => other),
    };
  };
}

type Neighbour = Pick<Link, 'device' | 'mac'>;

/** Flag of an entry whose MAC is known. [linux] ATF_COM */
const COMPLETE = 0x02;
const DEVICE = /^[\w@:-][\w.@:-]{0,14}$/;
const MAC = /^(?:[\da-f]{2}:){5}[\da-f]{2}$/;

function parseArp(text: string): ReadonlyMap<string, Neighbour> {
  const neighbours = new Map<string, Neighbour>();
  for (const line of text.split('\n').slice(1)) {
    const [address = '', , flags = '', mac = '', , device = ''] = line.trim().split(/\s+/);
    if ((Number(flags) & COMPLETE) === 0 || !MAC.test(mac) || !DEVICE.test(device)) continue;
    // The same address behind two devices is not certain.
    if (neighbours.has(address)) neighbours.set(address, { device: '', mac });
    else neighbours.set(address, { device, mac });
  }
  for (const [address, { device }] of neighbours) if (device === '') neighbours.delete(address);
  return neighbours;
}

/** False for a MAC that contains the address, and for one that is the same for all: `ee:ee:ee:ee:ee:ee`. */
function isNewWithEachSandbox(address: string, mac: string): boolean {
  const bytes = mac.split(':').map((byte) => Number.parseInt(byte, 16));
  return bytes.slice(2).join('.') !== address && new Set(bytes).size > 2;
}

/** [linux] struct __fdb_entry: MAC, low byte of the port, is_local, age, high byte of the port, padding. */
const ENTRY_BYTES = 16;

/**
 * Returns the numbers of the ports behind which a bridge has seen MACs; undefined if the device is not a
 * bridge.
 * @param devices `/sys/class/net`
 */
export function readBridgePorts(devices: string, bridge: string): ReadonlyMap<string, number> | undefined {
  const table = bytesOf(join(devices, bridge, 'brforward'));
  if (!table) return undefined;
  const ports = new Map<string, number>();
  for (let at = 0; at + ENTRY_BYTES <= table.length; at += ENTRY_BYTES) {
    if (table[at + 7] !== 0) continue;
    const mac = [...table.subarray(at, at + 6)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
    ports.set(mac, (table[at + 6] ?? 0) | ((table[at + 12] ?? 0) << 8));
  }
  return ports;
}

function textOf(file: string): string {
  return bytesOf(file)?.toString('latin1') ?? '';
}

function bytesOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    // Without this witness, each connection needs a list.
    return undefined;
  }
}
