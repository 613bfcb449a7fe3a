import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertFaults } from '../../testing/faults.ts';
import { dockerNetwork } from './docker-network.ts';
import type { NodeInterface } from './node-network.ts';

const link = (name: string, more: Partial<NodeInterface> = {}): NodeInterface => ({
  name,
  addresses: [],
  hasDefaultRoute: false,
  isHardware: false,
  ...more,
});
const LO = link('lo', { addresses: ['127.0.0.1'] });
const DOCKER0 = link('docker0', { addresses: ['172.17.0.1'] });
const WLAN0 = link('wlan0', { addresses: ['192.0.2.7'], hasDefaultRoute: true, isHardware: true });

const FOUND: readonly (readonly [
  what: string,
  interfaces: readonly NodeInterface[],
  names: readonly string[],
])[] = [
  ['a server', [LO, link('eth0', { hasDefaultRoute: true, isHardware: true }), DOCKER0], ['lo', 'eth0']],
  ['a laptop without a network', [LO, { ...WLAN0, addresses: [], hasDefaultRoute: false }], ['lo', 'wlan0']],
  ['a host without any uplink', [LO, DOCKER0], ['lo']],
  [
    'a bridge as the uplink, a tunnel and a bridge of virtual machines',
    [LO, link('br0', { hasDefaultRoute: true }), link('wg0'), link('virbr0'), WLAN0, DOCKER0],
    ['lo', 'br0', 'wlan0'],
  ],
  ['the name of an uplink is not UTF-8', [LO, link('eth\ufffd', { hasDefaultRoute: true })], ['lo']],
  [
    'the default route leads through loopback, or an uplink has the name of others',
    [{ ...LO, hasDefaultRoute: true }, link('d*', { isHardware: true }), DOCKER0],
    ['lo'],
  ],
];

for (const [what, interfaces, names] of FOUND)
  test(`found: ${what}`, () =>
    assert.deepEqual(dockerNetwork(interfaces, []), {
      interfaces: { kind: 'all-but', names },
      addresses: undefined,
    }));

test('interfaces that are given', () => {
  const patterns = ['docker0', 'br-*'];
  const { interfaces } = dockerNetwork([LO, WLAN0], patterns);
  assert.deepEqual(interfaces, { kind: 'matching', patterns });
  assertFaults(
    () => dockerNetwork([LO, WLAN0], ['w*']),
    [/--container-interface: is w\*, which fits wlan0 too: the network behind it would count as containers/],
  );
  assertFaults(() => dockerNetwork([LO], ['*']), [/--container-interface: is "\*", which is not the name/]);
});
