import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertFaults } from '../../testing/faults.ts';
import { type NodeInterface, nodeNetwork } from './node-network.ts';

const NOTHING = { nodeAddresses: [], podInterfaces: [] };
const link = (name: string, more: Partial<NodeInterface> = {}): NodeInterface => ({
  name,
  addresses: [],
  hasDefaultRoute: false,
  isHardware: false,
  ...more,
});
const LO = link('lo', { addresses: ['127.0.0.1', '::1'] });
const ETH0 = link('eth0', {
  addresses: ['192.0.2.7', '2001:db8::7'],
  hasDefaultRoute: true,
  isHardware: true,
});
/** A node that is a container: its uplink is one end of a cable. */
const CABLE = link('eth0', { addresses: ['198.18.0.2'] });
const BRIDGE = link('cni0', { addresses: ['10.244.0.1'] });

const FOUND: readonly (readonly [
  what: string,
  interfaces: readonly NodeInterface[],
  given: Parameters<typeof nodeNetwork>[1],
  notPods: readonly string[],
  addresses: readonly (string | undefined)[],
])[] = [
  ['a virtual machine', [LO, ETH0, BRIDGE], NOTHING, ['lo', 'eth0'], ['192.0.2.7', '2001:db8::7']],
  [
    'a second card without a default route in the main table, as with the CNI of AWS',
    [LO, link('eth1', { addresses: ['192.0.2.9'], isHardware: true }), ETH0, link('eni0')],
    NOTHING,
    ['lo', 'eth0', 'eth1'],
    ['192.0.2.7', '2001:db8::7'],
  ],
  [
    'a bond of two cards',
    [
      LO,
      link('eth0', { isHardware: true }),
      link('bond0', { ...ETH0, isHardware: false, name: 'bond0' }),
      BRIDGE,
    ],
    NOTHING,
    ['lo', 'bond0', 'eth0'],
    ['192.0.2.7', '2001:db8::7'],
  ],
  [
    'a container as a node, with a default route',
    [LO, { ...CABLE, hasDefaultRoute: true }, link('veth1')],
    NOTHING,
    ['lo', 'eth0'],
    ['198.18.0.2', undefined],
  ],
  [
    'a container as a node, by its address',
    [LO, CABLE, BRIDGE],
    { ...NOTHING, nodeAddresses: ['198.18.0.2'] },
    ['lo', 'eth0'],
    ['198.18.0.2', undefined],
  ],
  [
    'the given address is preferred',
    [LO, ETH0, link('eth1', { addresses: ['198.51.100.1'] })],
    { ...NOTHING, nodeAddresses: ['198.51.100.1'] },
    ['lo', 'eth0', 'eth1'],
    ['198.51.100.1', '2001:db8::7'],
  ],
  [
    "the node's address is one of loopback, as with BGP",
    [
      { ...LO, addresses: ['203.0.113.1'] },
      { ...ETH0, addresses: [] },
    ],
    { ...NOTHING, nodeAddresses: ['203.0.113.1'] },
    ['lo', 'eth0'],
    ['203.0.113.1', undefined],
  ],
  [
    'only IPv6',
    [LO, { ...ETH0, addresses: ['2001:db8::7'] }],
    NOTHING,
    ['lo', 'eth0'],
    [undefined, '2001:db8::7'],
  ],
];

for (const [what, interfaces, given, names, [ip, ip6]] of FOUND) {
  test(`found: ${what}`, () => {
    const expected = { interfaces: { kind: 'all-but', names }, addresses: { ip, ip6 } };
    assert.deepEqual(nodeNetwork(interfaces, given), expected);
  });
}

test('interfaces of pods that are given need not exist yet', () => {
  const { interfaces } = nodeNetwork([LO, ETH0], { ...NOTHING, podInterfaces: ['cali*', 'cni0'] });
  assert.deepEqual(interfaces, { kind: 'matching', patterns: ['cali*', 'cni0'] });
});

const REFUSED: readonly (readonly [
  what: string,
  interfaces: readonly NodeInterface[],
  given: Partial<Parameters<typeof nodeNetwork>[1]>,
  fault: RegExp,
])[] = [
  ['nothing tells the uplink', [LO, CABLE, BRIDGE], {}, /has neither a default route nor a network card/],
  ['an uplink without an address', [LO, link('eth0', { isHardware: true })], {}, /neither a default route/],
  ['an uplink whose name is a pattern', [LO, { ...ETH0, name: 'e*' }], {}, /neither a default route/],
  [
    'an address of another host',
    [LO, ETH0],
    { nodeAddresses: ['192.0.2.8'] },
    /--node-address: is 192.0.2.8/,
  ],
  ['the uplink as a pod', [LO, ETH0], { podInterfaces: ['eth0'] }, /is eth0, which fits eth0 too/],
  ['a pattern of the uplink', [LO, ETH0], { podInterfaces: ['cni0', 'e*'] }, /is e\*, which fits eth0 too/],
  ['all interfaces', [LO, ETH0], { podInterfaces: ['*'] }, /is "\*", which is not the name/],
  ['a rule in a name', [LO, ETH0], { podInterfaces: ['a" accept'] }, /which is not the name/],
  ['a name that is too long', [LO, ETH0], { podInterfaces: ['a'.repeat(16)] }, /which is not the name/],
];

for (const [what, interfaces, given, fault] of REFUSED)
  test(`refused: ${what}`, () =>
    assertFaults(() => nodeNetwork(interfaces, { ...NOTHING, ...given }), [fault]));
