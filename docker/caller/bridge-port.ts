import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readBridgePorts } from '../../lib/network/links.ts';

/** Port of a bridge of the host: the outer end of the pair of interfaces of a container. */
export interface BridgePort {
  /** `veth1a2b3c4` */
  readonly device: string;
  /** Index on the host. Each new interface gets a new one. */
  readonly index: number;
  /**
   * Index of the other end, in the network namespace of the container. Docker up to 27 makes both ends on the
   * host, so the index is unique there. Docker 28 and Podman make this end in the container: each container
   * has a 2.
   */
  readonly peerIndex: number;
  /** True if the other end of another port of a bridge has the same index, in another namespace. */
  readonly isAmbiguous: boolean;
}

/** Answers of the host's kernel about ports and interfaces. */
export interface PortReader {
  /** Returns the port behind which a bridge sees a MAC; undefined if that cannot be read. */
  portOf(bridge: string, mac: string): BridgePort | undefined;
  /** Returns true if a bridge sees a MAC behind a port, and its device is still the same one. */
  isBehind(port: BridgePort, bridge: string, mac: string): boolean;
  /**
   * Returns the indexes of the interfaces in the network namespace of a container; undefined if its process
   * cannot be seen from here.
   */
  interfacesOf(container: { readonly id: string; readonly pid: number }): readonly number[] | undefined;
}

export interface PortFiles {
  /** `/sys/class/net` */
  readonly devices: string;
  /** `/proc` */
  readonly processes: string;
}

export const PORT_FILES: PortFiles = { devices: '/sys/class/net', processes: '/proc' };

/** Creates the reader of ports and interfaces. */
export function createPortReader({ devices, processes }: PortFiles): PortReader {
  const numberOf = (device: string, file: string) => numberIn(join(devices, device, file));
  const portNumberOf = (bridge: string, device: string) =>
    numberIn(join(devices, bridge, 'brif', device, 'port_no'));
  const isBridgePort = (device: string) => numberOf(device, 'brport/port_no') !== undefined;
  return {
    portOf: (bridge, mac) => {
      const portNumber = readBridgePorts(devices, bridge)?.get(mac);
      if (portNumber === undefined) return undefined;
      const ports = namesIn(join(devices, bridge, 'brif'));
      const device = ports.find((each) => portNumberOf(bridge, each) === portNumber);
      if (device === undefined) return undefined;
      const [index, peerIndex] = [numberOf(device, 'ifindex'), numberOf(device, 'iflink')];
      // An interface without another end is its own: a network card, which leads to other hosts.
      if (index === undefined || peerIndex === undefined || index === peerIndex) return undefined;
      // In any bridge: a container in two networks has two ends, and another one may forge either. But the
      // uplink of a virtual host can have the index too, and leads to no container.
      const isAmbiguous = namesIn(devices).some(
        (each) =>
          each !== device &&
          numberOf(each, 'iflink') === peerIndex &&
          numberOf(each, 'ifindex') !== peerIndex &&
          isBridgePort(each),
      );
      return { device, index, peerIndex, isAmbiguous };
    },
    isBehind: ({ device, index }, bridge, mac) => {
      const portNumber = readBridgePorts(devices, bridge)?.get(mac);
      if (portNumber === undefined || portNumberOf(bridge, device) !== portNumber) return false;
      return numberOf(device, 'ifindex') === index;
    },
    interfacesOf: ({ id, pid }) => {
      const process = join(processes, String(pid));
      // Another process may have the number: in another PID namespace, or because this one has ended.
      const isOf = () => pid > 0 && textOf(join(process, 'cgroup')).includes(id);
      if (!isOf()) return undefined;
      const lists = ['dev_mcast', 'igmp'].map((list) => textOf(join(process, 'net', list)));
      return isOf() ? [...new Set(lists.flatMap(indexesIn))] : undefined;
    },
  };
}

/** Lines that begin with the index of an interface. [linux] dev_mc_seq_show, igmp_mc_seq_show */
function indexesIn(text: string): readonly number[] {
  return text.split('\n').flatMap((line) => {
    const [, index] = INDEXED.exec(line) ?? [];
    return index === undefined ? [] : [Number(index)];
  });
}

const INDEXED = /^(\d{1,10})\s/;
const NUMBER = /^(?:0x[\da-f]{1,8}|\d{1,10})$/;

function numberIn(file: string): number | undefined {
  const text = textOf(file).trim();
  return NUMBER.test(text) ? Number(text) : undefined;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // Without this witness, the caller is not certain.
    return '';
  }
}
