import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostFiles } from '../../docker/surroundings.ts';
import type { StandInContainer } from './stand-in-daemon.ts';

/** Writes the files of the kernel by which podrole knows the place of a container. */
export interface StandInKernel {
  readonly files: HostFiles;
  /** Writes which containers have an address. */
  readonly write: (containers: Iterable<StandInContainer>) => void;
  /** Makes the interfaces and the process of a container. */
  readonly add: (container: StandInContainer) => void;
  readonly remove: (container: StandInContainer) => void;
}

export function createStandInKernel(folder: string, bridge: string): StandInKernel {
  const arp = join(folder, 'arp');
  const devices = join(folder, 'devices');
  const processes = join(folder, 'processes');
  return {
    files: { links: { arp, devices }, ports: { devices, processes } },
    write: (containers) => {
      const all = [...containers];
      mkdirSync(join(devices, bridge, 'brif'), { recursive: true });
      writeFileSync(arp, ['IP address', ...all.map((each) => arpLine(each, bridge)), ''].join('\n'));
      writeFileSync(join(devices, bridge, 'brforward'), Buffer.concat(all.map(forwardEntry)));
    },
    add: (container) => {
      writePort(devices, bridge, container);
      writeProcess(processes, container);
    },
    remove: (container) => {
      const device = `veth${portOf(container)}`;
      const gone = [join(devices, bridge, 'brif', device), join(devices, device)];
      for (const path of [...gone, join(processes, String(container.pid))]) rmSync(path, { recursive: true });
    },
  };
}

const arpLine = ({ address, mac }: StandInContainer, bridge: string) =>
  `${address} 0x1 0x2 ${mac} * ${bridge}`;

/** Number of the port of a container; its interfaces have indexes made from it. */
const portOf = ({ pid }: StandInContainer) => pid % 1_000;

function forwardEntry(container: StandInContainer): Buffer {
  const entry = Buffer.alloc(16);
  Buffer.from(container.mac.replaceAll(':', ''), 'hex').copy(entry);
  entry[6] = portOf(container) & 0xff;
  entry[12] = portOf(container) >> 8;
  return entry;
}

function writePort(devices: string, bridge: string, container: StandInContainer): void {
  const port = portOf(container);
  const device = `veth${port}`;
  mkdirSync(join(devices, bridge, 'brif', device), { recursive: true });
  writeFileSync(join(devices, bridge, 'brif', device, 'port_no'), `0x${port.toString(16)}\n`);
  mkdirSync(join(devices, device), { recursive: true });
  writeFileSync(join(devices, device, 'ifindex'), `${2_000 + port}\n`);
  writeFileSync(join(devices, device, 'iflink'), `${10_000 + port}\n`);
}

function writeProcess(processes: string, container: StandInContainer): void {
  const net = join(processes, String(container.pid), 'net');
  mkdirSync(net, { recursive: true });
  writeFileSync(join(processes, String(container.pid), 'cgroup'), `0::/docker/${container.id}\n`);
  writeFileSync(join(net, 'dev_mcast'), `${10_000 + portOf(container)} eth0 1 0 333300000001\n`);
  writeFileSync(join(net, 'igmp'), '');
}
