import { METADATA_ADDRESS, METADATA_PORT, POD_IDENTITY_ADDRESS } from '../../lib/contract/imds.ts';
import type { NodeNetwork } from './node-network.ts';
import {
  ACCEPT,
  firstToAddress,
  firstToPort,
  fromInterface,
  IS_TCP,
  jumpTo,
  PROHIBIT,
  type Protocol,
  RESET,
  RETURN,
  SOURCE_IS_ROUTED_BACK,
  type Statement,
  toAddress,
  toPort,
  translateTo,
} from './statement.ts';

/** Family and name of the table of a node. Everything in it is podrole's. */
export const NODE_TABLE = 'inet podrole_agent';

/** Chain of the table. */
export interface NodeChain {
  readonly name: string;
  /** Place where the kernel calls it; undefined if only other chains do. */
  readonly base?: { readonly type: string; readonly hook: string; readonly prio: number };
  readonly rules: readonly (readonly Statement[])[];
}

export interface NodeTableOptions {
  readonly agentPort: number;
  readonly network: NodeNetwork;
  /** False if the kernel has no IPv6. */
  readonly hasIpv6: boolean;
  /** False if the kernel cannot look up the route to a source (nft_fib_inet). */
  readonly checksSource: boolean;
}

const METADATA: readonly (readonly [Protocol, string])[] = [
  ['ip', METADATA_ADDRESS.instanceIpv4],
  ['ip', METADATA_ADDRESS.container],
  ['ip', POD_IDENTITY_ADDRESS.ipv4],
  ['ip6', METADATA_ADDRESS.instanceIpv6],
  ['ip6', POD_IDENTITY_ADDRESS.ipv6],
];

/** Destinations that pods may use on the node: one for each protocol in which the node has an address. */
export function redirectedAddresses(options: NodeTableOptions): readonly (readonly [Protocol, string])[] {
  return metadata(options).filter(([protocol]) => options.network.addresses[protocol] !== undefined);
}

function metadata({ hasIpv6 }: NodeTableOptions): typeof METADATA {
  return METADATA.filter(([protocol]) => hasIpv6 || protocol === 'ip');
}

/**
 * Returns the chains of the table.
 *
 * - `prerouting` sees only packets that come from an interface: those of pods that have a network of their
 *   own, and those of other hosts. So the node's own access to its metadata stays as it is. It translates
 *   to an address of the node, since `redirect` drops the packet if its interface has no address, as with
 *   Calico, Cilium and the CNI of AWS. The first chain that translates a connection wins; kube-proxy and
 *   iptables use -100.
 * - `input` closes the agent's port for whoever did not come that way. A connection that was first to port
 *   80 of a metadata address, and now is to the agent's, was translated.
 * - `refuse` is for what was not translated: other ports and protocols, connections that were open before,
 *   and those that another program translated to a metadata address.
 */
export function nodeChains(options: NodeTableOptions): readonly NodeChain[] {
  const { agentPort, network, checksSource } = options;
  const fromPods = (...then: readonly Statement[]) => fromPodInterfaces(network, then);
  const hook = (name: string, type: string, prio: number) => ({ name, base: { type, hook: name, prio } });
  return [
    { ...hook('prerouting', 'nat', -101), rules: fromPods(jumpTo('redirect_pod')) },
    { ...hook('input', 'filter', -1), rules: [...guardRules(options), ...fromPods(jumpTo('refuse'))] },
    { ...hook('forward', 'filter', -1), rules: fromPods(jumpTo('refuse')) },
    {
      name: 'redirect_pod',
      rules: redirectedAddresses(options).map(([protocol, address]) => [
        toAddress(protocol, address),
        toPort(METADATA_PORT),
        translateTo(protocol, network.addresses[protocol] ?? '', agentPort),
      ]),
    },
    {
      name: 'admit_pod',
      rules: fromPods(...(checksSource ? [SOURCE_IS_ROUTED_BACK] : []), ACCEPT),
    },
    {
      name: 'refuse',
      rules: metadata(options).map(([protocol, address]) => [
        toAddress(protocol, address),
        jumpTo('refuse_packet'),
      ]),
    },
    { name: 'refuse_packet', rules: [[IS_TCP, RESET], [PROHIBIT]] },
  ];
}

function guardRules(options: NodeTableOptions): readonly (readonly Statement[])[] {
  const port = toPort(options.agentPort);
  const admitted = redirectedAddresses(options).map(([protocol, address]) => [
    port,
    firstToAddress(protocol, address),
    firstToPort(METADATA_PORT),
    jumpTo('admit_pod'),
  ]);
  return [...admitted, [port, RESET]];
}

/** Returns the rules of a chain that does something for pods' packets, and nothing for others. */
function fromPodInterfaces({ pods }: NodeNetwork, then: readonly Statement[]) {
  if (pods.kind === 'matching') return pods.patterns.map((pattern) => [fromInterface(pattern), ...then]);
  return [...pods.names.map((name) => [fromInterface(name), RETURN]), then];
}

/** Renders the table as input of `nft -f`, which replaces it in one step: there is no time without rules. */
export function renderNodeTable(chains: readonly NodeChain[]): string {
  // A chain must be known before a rule leads to it.
  const known = chains.filter(({ base }) => !base).map(({ name }) => `  chain ${name} {\n  }\n`);
  return `${renderNodeRemoval()}table ${NODE_TABLE} {\n${known.join('')}${chains.map(renderChain).join('')}}\n`;
}

function renderChain({ name, base, rules }: NodeChain): string {
  const head = base ? [`type ${base.type} hook ${base.hook} priority ${base.prio}; policy accept;`] : [];
  const lines = [...head, ...rules.map((rule) => rule.map(({ text }) => text).join(' '))];
  return `  chain ${name} {\n${lines.map((line) => `    ${line}\n`).join('')}  }\n`;
}

/** Renders the removal of the table, which need not exist. */
export function renderNodeRemoval(): string {
  return `add table ${NODE_TABLE}\ndelete table ${NODE_TABLE}\n`;
}
