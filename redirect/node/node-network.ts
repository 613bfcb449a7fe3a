import { isIPv4, isIPv6 } from 'node:net';
import { PodroleError } from '../../lib/errors.ts';

/** Network interface of the node. */
export interface NodeInterface {
  readonly name: string;
  /** Without those that only neighbours can use (fe80::). */
  readonly addresses: readonly string[];
  readonly hasDefaultRoute: boolean;
  /** True for a card, also a virtual machine's; false for a bridge, a tunnel or one end of a cable. */
  readonly isHardware: boolean;
}

/** Interfaces behind which the pods are. */
export type PodInterfaces =
  | { readonly kind: 'all-but'; readonly names: readonly string[] }
  /** Names, or their beginnings with `*` after it. */
  | { readonly kind: 'matching'; readonly patterns: readonly string[] };

export interface NodeNetwork {
  readonly pods: PodInterfaces;
  /** Addresses of the node that the agent is reached at. */
  readonly addresses: { readonly ip?: string | undefined; readonly ip6?: string | undefined };
}

/**
 * Finds the pods' interfaces and an address of the node. Every interface but loopback and the uplinks counts
 * as a pod's. If that is wrong for one, somebody is refused metadata. The opposite mistake would hand out the
 * node's role.
 * @param given `nodeAddresses` and `podInterfaces` of the settings, empty if they are not set
 * @throws PodroleError `UPLINK_UNKNOWN` if nothing tells an uplink from a pod's interface, `INVALID_SETTING`
 *   if the settings do not fit the node
 */
export function nodeNetwork(
  interfaces: readonly NodeInterface[],
  given: { readonly nodeAddresses: readonly string[]; readonly podInterfaces: readonly string[] },
): NodeNetwork {
  const others = interfaces.filter(({ name }) => name !== 'lo');
  const isGiven = (address: string) => given.nodeAddresses.includes(address);
  for (const address of given.nodeAddresses)
    if (!interfaces.some(({ addresses }) => addresses.includes(address))) throw notOfNode(address);
  const uplinks = others.filter(
    ({ addresses, hasDefaultRoute, isHardware }) => hasDefaultRoute || isHardware || addresses.some(isGiven),
  );
  const routed = [...uplinks].sort((a, b) => Number(b.hasDefaultRoute) - Number(a.hasDefaultRoute));
  const candidates = [...given.nodeAddresses, ...routed.flatMap(({ addresses }) => addresses)];
  const addresses = { ip: candidates.find(isIPv4), ip6: candidates.find(isIPv6) };
  // Only root can make such a name, but a rule must never mean another interface.
  if (uplinks.some(({ name }) => /["*\\]/.test(name))) throw uplinkUnknown();
  if (uplinks.length === 0 || candidates.length === 0) throw uplinkUnknown();
  const patterns = given.podInterfaces;
  for (const name of patterns) if (!/^[\w.@-]{1,15}\*?$/.test(name)) throw notAName(name);
  if (patterns.length === 0)
    return { pods: { kind: 'all-but', names: ['lo', ...uplinks.map(({ name }) => name).sort()] }, addresses };
  for (const pattern of patterns)
    for (const { name } of uplinks) if (matches(pattern, name)) throw isUplink(pattern, name);
  return { pods: { kind: 'matching', patterns }, addresses };
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function notAName(name: string): PodroleError {
  return new PodroleError({
    code: 'INVALID_SETTING',
    object: '--pod-interface',
    problem: `is ${JSON.stringify(name)}, which is not the name of a network interface, nor its beginning and *`,
    remedy: 'look at the output of: ip link',
  });
}

function notOfNode(address: string): PodroleError {
  return new PodroleError({
    code: 'INVALID_SETTING',
    object: '--node-address',
    problem: `is ${address}, which no interface of this network namespace has`,
    remedy: 'run it with hostNetwork, and give the status.hostIP of the pod, or leave it out',
  });
}

function isUplink(pattern: string, name: string): PodroleError {
  return new PodroleError({
    code: 'INVALID_SETTING',
    object: '--pod-interface',
    problem: `is ${pattern}, which fits ${name} too: the network behind it would count as pods`,
    remedy: 'give the interfaces of pods alone, or leave it out',
  });
}

function uplinkUnknown(): PodroleError {
  return new PodroleError({
    code: 'UPLINK_UNKNOWN',
    object: 'the network of the node',
    problem: 'has neither a default route nor a network card with an address, so nothing tells it from pods',
    remedy: 'give --node-address, the status.hostIP of the pod',
  });
}
