import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { LINK_FILES, linkFinder } from './links.ts';

const ARP = `IP address       HW type     Flags       HW address            Mask     Device
10.0.0.7         0x1         0x2         02:00:00:00:01:07     *        cni0
10.0.0.8         0x1         0x2         02:00:00:00:01:08     *        cni0
10.0.0.9         0x1         0x0         02:00:00:00:01:09     *        cni0
10.0.0.10        0x1         0x2         0a:58:0a:00:00:0a     *        cni0
10.0.0.11        0x1         0x2         ee:ee:ee:ee:ee:ee     *        cali0123456789a
10.0.0.12        0x1         0x2         02:00:00:00:01:12     *        cni0
10.0.0.13        0x1         0x2         02:00:00:00:01:12     *        cni0
10.0.0.14        0x1         0x2         02:00:00:00:01:14     *        cni0
10.0.0.14        0x1         0x2         02:00:00:00:01:15     *        eth0
10.0.0.15        0x1         0x2         02:00:00:00:01:15     *        ../../x
10.0.0.16        0x1         0x6         02:00:00:00:01:16     *        eth0
10.0.0.17        0x1         0x2         02:00:00:00:01:17     *        cni0
rubbish
`;

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'podrole-links-'));
  writeFileSync(join(folder, 'arp'), ARP);
  mkdirSync(join(folder, 'cni0'));
  const entries = [
    entry('02:00:00:00:01:07', 3),
    entry('02:00:00:00:01:08', 259),
    entry('02:00:00:00:01:17', 3),
    entry('02:00:00:00:01:0a', 4, 1),
  ];
  writeFileSync(join(folder, 'cni0', 'brforward'), Buffer.concat(entries));
});
after(() => rmSync(folder, { recursive: true }));

function entry(mac: string, port: number, isLocal = 0): Buffer {
  const bytes = Buffer.alloc(16);
  Buffer.from(mac.replaceAll(':', ''), 'hex').copy(bytes);
  bytes[6] = port & 0xff;
  bytes[7] = isLocal;
  bytes[12] = port >> 8;
  return bytes;
}

test('links of addresses', () => {
  const find = linkFinder({ arp: join(folder, 'arp'), devices: folder });
  const cases: [name: string, address: string, expected: unknown][] = [
    ['on a bridge', '10.0.0.7', ['cni0', '02:00:00:00:01:07', 3, true, ['10.0.0.17']]],
    ['a port above 255', '10.0.0.8', ['cni0', '02:00:00:00:01:08', 259, true, []]],
    ['not complete', '10.0.0.9', undefined],
    ['derived from the address', '10.0.0.10', ['cni0', '0a:58:0a:00:00:0a', undefined, false, []]],
    ['the same for all', '10.0.0.11', ['cali0123456789a', 'ee:ee:ee:ee:ee:ee', undefined, false, []]],
    ['one MAC for two addresses', '10.0.0.12', ['cni0', '02:00:00:00:01:12', undefined, false, []]],
    ['behind two devices', '10.0.0.14', undefined],
    ['a device that is a path', '10.0.0.15', undefined],
    ['permanent', '10.0.0.16', ['eth0', '02:00:00:00:01:16', undefined, true, []]],
    ['unknown', '10.0.0.99', undefined],
    ['IPv6', 'fd00::7', undefined],
  ];
  for (const [name, address, expected] of cases) {
    const link = find(address);
    const found = link && [link.device, link.mac, link.port, link.isWitness, link.beside];
    assert.deepEqual(found, expected, name);
  }
});

test('without the files of the kernel there is no link, and its own can be read', () => {
  assert.equal(linkFinder({ arp: join(folder, 'none'), devices: folder })('10.0.0.7'), undefined);
  assert.equal(linkFinder(LINK_FILES)('0.0.0.0'), undefined);
});
