import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { createPortReader, PORT_FILES } from './bridge-port.ts';

const ID = 'a5e29ea9b4372006576d711530cfe7bc8efe024301761539ec42f451bfe05ec8';
const [FIRST, SECOND, THIRD, CARD, FOURTH] = [
  '02:42:0a:09:00:04',
  '02:42:0a:09:00:05',
  '02:42:0a:09:00:06',
  '02:42:0a:09:00:07',
  '02:42:0a:09:00:09',
];

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'podrole-ports-'));
  const ports: [device: string, portNumber: number, index: number, peerIndex: number][] = [
    ['veth1', 1, 11, 10],
    ['veth2', 2, 13, 12],
    ['veth3', 3, 15, 12],
    ['eth0', 4, 2, 2],
    ['veth4', 5, 17, 16],
  ];
  for (const [device, portNumber, index, peerIndex] of ports) {
    // One file, under two names: the kernel has a link from the first to the second.
    for (const file of [`br0/brif/${device}/port_no`, `${device}/brport/port_no`])
      write(`net/${file}`, `0x${portNumber.toString(16)}\n`);
    write(`net/${device}/ifindex`, `${index}\n`);
    write(`net/${device}/iflink`, `${peerIndex}\n`);
  }
  // In another bridge.
  write('net/veth5/ifindex', '18\n');
  write('net/veth5/iflink', '16\n');
  write('net/veth5/brport/port_no', '0x1\n');
  // The uplink of a virtual host, whose other end has the index of that of veth1, in another namespace.
  write('net/uplink0/ifindex', '3\n');
  write('net/uplink0/iflink', '10\n');
  // An interface of the host itself, whose index is that of the other end of veth1.
  write('net/tun0/ifindex', '10\n');
  write('net/tun0/iflink', '10\n');
  const table = [FIRST, SECOND, THIRD, CARD, FOURTH].map((mac, at) => {
    const bytes = Buffer.alloc(16);
    Buffer.from((mac ?? '').replaceAll(':', ''), 'hex').copy(bytes);
    bytes[6] = at + 1;
    return bytes;
  });
  write('net/br0/brforward', Buffer.concat(table));
  write('proc/7/cgroup', `9:pids:/docker/${ID}\n`);
  write('proc/7/net/dev_mcast', '10   eth0            1     0     333300000001\n');
  write(
    'proc/7/net/igmp',
    'Idx\tDevice    : Count\n1\tlo        :     1      V3\n\t\t010000E0     1\n10\teth0      :     1\n',
  );
  write('proc/8/cgroup', '0::/user.slice\n');
});
after(() => rmSync(folder, { recursive: true }));

function write(path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

test('ports of a bridge, by MAC', () => {
  const reader = createPortReader({ devices: join(folder, 'net'), processes: join(folder, 'proc') });
  const port = reader.portOf('br0', FIRST ?? '') ?? assert.fail('a port');
  assert.deepEqual(port, { device: 'veth1', index: 11, peerIndex: 10, isAmbiguous: false });
  assert.equal(reader.portOf('br0', SECOND ?? '')?.isAmbiguous, true, 'veth3 has a peer of the same index');
  assert.equal(reader.portOf('br0', FOURTH ?? '')?.isAmbiguous, true, 'so has veth5, in another bridge');
  assert.equal(reader.portOf('br0', CARD ?? ''), undefined, 'a network card');
  assert.equal(reader.portOf('br0', '02:42:0a:09:00:08'), undefined, 'never seen');
  assert.equal(reader.portOf('br1', FIRST ?? ''), undefined, 'no such bridge');
  assert.equal(reader.isBehind(port, 'br0', FIRST ?? ''), true);
  assert.equal(reader.isBehind(port, 'br0', SECOND ?? ''), false, 'behind another port');
  assert.equal(
    reader.isBehind({ ...port, index: 9 }, 'br0', FIRST ?? ''),
    false,
    'another interface of this name',
  );
});

test('interfaces of a container, only if the process is its own', () => {
  const reader = createPortReader({ devices: join(folder, 'net'), processes: join(folder, 'proc') });
  assert.deepEqual(reader.interfacesOf({ id: ID, pid: 7 }), [10, 1]);
  assert.equal(reader.interfacesOf({ id: ID, pid: 8 }), undefined, 'another process');
  assert.equal(reader.interfacesOf({ id: ID, pid: 9 }), undefined, 'no process');
  assert.equal(reader.interfacesOf({ id: ID, pid: 0 }), undefined, 'not started');
  assert.equal(createPortReader(PORT_FILES).portOf('lo', FIRST ?? ''), undefined);
});
