import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HostNetwork } from '../api/read-network.ts';
import type { HostContainer } from '../containers/host-container.ts';
import { decideContainer, type Evidence, networkOf } from './decide-container.ts';

const NETWORK: HostNetwork = { id: 'n1', name: 'small', driver: 'bridge', bridge: 'br-n1' };
const SHOWN = {
  endpointId: 'e1',
  containerId: 'c1',
  addresses: ['10.9.0.4', 'fd09::4'],
  mac: '02:42:0a:09:00:04',
};
const OWN = { ...SHOWN, networkId: 'n1', networkName: 'small' };
const CONTAINER: HostContainer = {
  id: 'c1',
  name: 'web',
  image: 'busybox:1',
  labels: new Map(),
  environment: new Map(),
  isRunning: true,
  pid: 7,
  networkMode: 'small',
  networkNamespace: '/var/run/docker/netns/1a2b',
  endpoints: [OWN],
};
const PORT = { device: 'veth1', index: 11, peerIndex: 10, isAmbiguous: false };
const CERTAIN: Evidence = {
  address: '10.9.0.4',
  acceptedAtMs: 100,
  link: { device: 'br-n1', mac: SHOWN.mac, port: PORT },
  network: NETWORK,
  view: { begunAtMs: 100, value: { id: 'n1', endpoints: [SHOWN] } },
  container: { begunAtMs: 101, value: CONTAINER },
  interfaces: [1, 10],
  namespace: undefined,
};

function shows(...endpoints: Partial<typeof SHOWN | { containerId: undefined }>[]): Partial<Evidence> {
  return {
    view: {
      begunAtMs: 100,
      value: { id: 'n1', endpoints: endpoints.map((each) => ({ ...SHOWN, ...each })) },
    },
  };
}

/** Evidence of a port whose other end has the same index as that of another one. */
function alike(networkNamespace: string, namespace: string | undefined): Partial<Evidence> {
  const link = { ...CERTAIN.link, port: { ...PORT, isAmbiguous: true } };
  return { link, namespace, ...is({ networkNamespace }) };
}

function is(change: Partial<HostContainer>): Partial<Evidence> {
  return { container: { begunAtMs: 101, value: { ...CONTAINER, ...change } } };
}

test('a container is certain by all that is known', () => {
  const podman = {
    ...shows({ endpointId: '' }),
    ...is({ endpoints: [{ ...OWN, endpointId: '', networkId: 'small' }] }),
  };
  const cases: [name: string, Partial<Evidence>][] = [
    ['IPv4', {}],
    ['IPv6', { address: 'fd09::4' }],
    [
      'in two networks',
      is({ endpoints: [{ ...OWN, networkId: 'n2', endpointId: 'e2', addresses: [] }, OWN] }),
    ],
    ['Podman names no endpoints', podman],
    ['by its namespace', alike('/run/netns/netns-1', 'netns-1')],
    ['by its namespace, of Docker 28', alike('/var/run/docker/netns/1a2b', '1a2b')],
    [
      'of Podman, with an index of its own',
      { ...is({ networkNamespace: '/run/netns/netns-1' }), namespace: 'netns-1' },
    ],
  ];
  for (const [name, change] of cases) {
    assert.equal(decideContainer({ ...CERTAIN, ...change }).kind, 'container', name);
  }
});

test('a container is not certain, with the reason', () => {
  const cases: [change: Partial<Evidence>, reason: RegExp][] = [
    [{ view: { ...CERTAIN.view, begunAtMs: 99 } }, /older than the connection/],
    [{ container: { ...CERTAIN.container, begunAtMs: 99 } }, /older than the connection/],
    [{ address: '10.9.0.5' }, /no container of network small has the address/],
    [{ view: { begunAtMs: 100, value: undefined } }, /no container of network small has the address/],
    [shows({}, { containerId: 'c2', endpointId: 'e2' }), /no container of network small has the address/],
    [shows({ containerId: undefined }), /has not started yet/],
    [{ container: { begunAtMs: 101, value: undefined } }, /does not exist any more/],
    [is({ id: 'c2' }), /does not exist any more/],
    [is({ isRunning: false }), /container web does not run/],
    [is({ endpoints: [] }), /container web has left the address/],
    [is({ endpoints: [{ ...OWN, endpointId: 'e2' }] }), /container web has left the address/],
    [is({ endpoints: [{ ...OWN, networkId: 'n2' }] }), /container web has left the address/],
    [is({ endpoints: [{ ...OWN, addresses: ['10.9.0.5'] }] }), /container web has left the address/],
    [is({ endpoints: [{ ...OWN, mac: '' }] }), /the MAC of container web is not certain/],
    [shows({ mac: '02:42:0a:09:00:05' }), /the MAC of container web is not certain/],
    [
      { link: { ...CERTAIN.link, mac: '02:42:0a:09:00:05' } },
      /the MAC of the address is not that of container web/,
    ],
    [
      { interfaces: undefined },
      /podrole cannot see process 7 of container web: run podrole in the PID namespace/,
    ],
    [{ link: { ...CERTAIN.link, port: undefined } }, /the port of the bridge is not known/],
    [alike('', 'netns-1'), /told apart: the daemon does not name the network namespace of container web/],
    [
      alike('/run/netns/netns-1', undefined),
      /told apart: .* run podrole on the host, or mount \/run\/netns of the host at \/run\/netns of its container/,
    ],
    [
      alike('/var/run/docker/netns/1a2b', undefined),
      /mount \/var\/run\/docker\/netns of the host at \/run\/netns/,
    ],
    [alike('/run/netns/netns-1', 'netns-2'), /from another port of the bridge than that of container web/],
    [is({ networkNamespace: '/run/netns/netns-1' }), /podrole does not see the network namespace/],
    [
      { ...is({ networkNamespace: '/run/netns/netns-1' }), namespace: 'netns-2' },
      /from another port of the bridge than that of container web/,
    ],
    [
      { ...alike('/run/netns/netns-1', 'netns-1'), interfaces: [1, 12] },
      /from another port of the bridge than that of container web/,
    ],
    [{ interfaces: [1, 12] }, /comes from another port of the bridge than that of container web/],
    [{ interfaces: [] }, /comes from another port of the bridge than that of container web/],
  ];
  for (const [change, reason] of cases) {
    const verdict = decideContainer({ ...CERTAIN, ...change });
    assert.equal(verdict.kind, 'again', String(reason));
    assert.match(verdict.kind === 'again' ? verdict.reason : '', reason);
  }
});

test('a bridge belongs to one network', () => {
  const macvlan = { ...NETWORK, id: 'n2', driver: 'macvlan', bridge: '' };
  assert.equal(networkOf('br-n1', [macvlan, NETWORK]), NETWORK);
  assert.equal(networkOf('eth0', [macvlan, NETWORK]), undefined);
  assert.equal(networkOf('', [macvlan]), undefined);
  assert.equal(networkOf('br-n1', [NETWORK, { ...NETWORK, id: 'n3' }]), undefined);
});
