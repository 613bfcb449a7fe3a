import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Port of a bridge of the host: the outer end of the pair of interfaces of a container. */
export interface BridgePort {
  /** `veth1a2b3c4` */
  readonly device: string;
  /** Index on the host. Each new interface gets a new one. */
  readonly index: number;
  /** Index of the other end, in the network namespace of the container. */
  readonly peerIndex: number;
  /** True if the other end of another port of the bridge has the same index, in another namespace. */
  readonly isAmbiguous: boolean;
}

/** What the kernel of the host says about ports and interfaces. All of it is undefined if it cannot be read. */
export interface PortReader {
  /** Returns a port by its number in the bridge. */
  portOf(bridge: string, portNumber: number): BridgePort | undefined;
  /** Returns true if a device is the port of a bridge with this number, and has this index. */
  isPort(bridge: string, portNumber: number, port: BridgePort): boolean;
  /** Returns the indexes of the interfaces in the network namespace of a container. */
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
  const number = (device: string, file: string) => numberIn(join(devices, device, file));
  const numberOf = (bridge: string, device: string) =>
    numberIn(join(devices, bridge, 'brif', device, 'port_no'));
  return {
    portOf: (bridge, portNumber) => {
      const ports = namesIn(join(devices, bridge, 'brif'));
      const device = ports.find((each) => numberOf(bridge, each) === portNumber);
      const [index, peerIndex] =
        device === undefined ? [] : [number(device, 'ifindex'), number(device, 'iflink')];
      if (device === undefined || index === undefined || peerIndex === undefined) return undefined;
      const alike = ports.filter((each) => number(each, 'iflink') === peerIndex);
      return { device, index, peerIndex, isAmbiguous: alike.length > 1 };
    },
    isPort: (bridge, portNumber, { device, index }) =>
      numberOf(bridge, device) === portNumber && number(device, 'ifindex') === index,
    interfacesOf: ({ id, pid }) => {
      const process = join(processes, String(pid));
      // In another PID namespace, the number belongs to another process.
      if (pid <= 0 || !textOf(join(process, 'cgroup')).includes(id)) return undefined;
      const indexes = [
        ...indexesIn(textOf(join(process, 'net', 'dev_mcast'))),
        ...indexesIn(textOf(join(process, 'net', 'igmp'))),
      ];
      // The process has been replaced meanwhile if its group is another one now.
      if (!textOf(join(process, 'cgroup')).includes(id)) return undefined;
      return [...new Set(indexes)];
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
