import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { NetworkInterfaceInfo } from 'node:os';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { readInterfaces } from './read-interfaces.ts';

/** Files as Linux 6.18 writes them. */
const FILES = {
  'proc/net/dev': `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
  eth0: 1234567     100    0    0    0     0          0         0        0       0    0    0    0     0       0          0
eth0.100:     0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
  tun0:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
  cni0:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
`,
  'proc/net/route': `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
tun0\t00000000\t00000000\t0001\t0\t0\t0\t00000080\t0\t0\t0
*\t00000000\t00000000\t0200\t0\t0\t99\t00000000\t0\t0\t0
cni0\t0000F40A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
`,
  'proc/net/ipv6_route': `00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003 eth0.100
20010db8000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
`,
};

const ip = (address: string) => ({ address }) as NetworkInterfaceInfo;

function read(t: { after(done: () => void): void }, files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), 'podrole-net-'));
  t.after(() => rmSync(root, { recursive: true }));
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), content);
  }
  mkdirSync(join(root, 'sys/class/net/eth0/device'), { recursive: true });
  const addresses = {
    lo: [ip('127.0.0.1')],
    eth0: [ip('192.0.2.7'), ip('fe80::1'), ip('FEBF::1'), ip('fec0::1')],
    'eth0:second': [ip('192.0.2.8')],
    cni0: [ip('10.244.0.1')],
  };
  return readInterfaces(addresses, root);
}

test('interfaces with addresses, default routes and cards', (t) => {
  const found = read(t, FILES);
  const facts = found.map(({ name, addresses, hasDefaultRoute, isHardware }) =>
    [name, addresses.join(' '), hasDefaultRoute && 'routed', isHardware && 'card'].filter(Boolean).join(' '),
  );
  assert.deepEqual(facts, [
    'lo 127.0.0.1',
    'eth0 192.0.2.7 fec0::1 192.0.2.8 routed card',
    'eth0.100 routed',
    'tun0',
    'cni0 10.244.0.1',
  ]);
});

test('a kernel without IPv6', (t) => {
  const { 'proc/net/ipv6_route': _none, ...ipv4 } = FILES;
  assert.deepEqual(
    read(t, ipv4).flatMap(({ name, hasDefaultRoute }) => (hasDefaultRoute ? [name] : [])),
    ['eth0'],
  );
});
