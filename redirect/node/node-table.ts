import { METADATA_ADDRESS, METADATA_PORT, POD_IDENTITY_ADDRESS } from '../../lib/contract/imds.ts';
import type { WorkloadNetwork } from './node-network.ts';
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
  redirectTo,
  SOURCE_IS_ROUTED_BACK,
  type Statement,
  toAddress,
  toPort,
  translateTo,
} from './statement.ts';
import type { Workloads } from './workloads.ts';

/** Chain of the table. */
export interface NodeChain {
  readonly name: string;
  /** Place where the kernel calls it; undefined if only other chains do. */
  readonly base?: { readonly type: string; readonly hook: string; readonly prio: number };
  readonly rules: readonly (readonly Statement[])[];
}

export interface NodeTableOptions {
  readonly workloads: Workloads;
  /** Port of the process that serves them. */
  readonly port: number;
  readonly network: WorkloadNetwork;
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

/** Destinations that are redirected: those of each protocol in which there is an address to lead to. */
export function redirectedAddresses(options: NodeTableOptions): readonly (readonly [Protocol, string])[] {
  const { addresses } = options.network;
  return metadata(options).filter(([protocol]) => !addresses || addresses[protocol] !== undefined);
}

function metadata({ hasIpv6 }: NodeTableOptions): typeof METADATA {
  return METADATA.filter(([protocol]) => hasIpv6 || protocol === 'ip');
}

/**
 * Returns the chains of the table.
 *
 * - `prerouting` sees only packets that come from an interface: those of workloads that have a network of
 *   their own, and those of other hosts. So the machine's own access to its metadata stays as it is. For pods
 *   it translates to an address of the node, since `redirect` drops the packet if its interface has no
 *   address, as with Calico, Cilium and the CNI of AWS. For containers it is `redirect`: their bridge has an
 *   address also while the host has none. The first chain that translates a connection wins; kube-proxy,
 *   Docker and iptables use -100.
 * - `input` closes podrole's port for whoever did not come that way. A connection that was first to port 80
 *   of a metadata address, and now is to podrole's, was translated.
 * - `refuse` is for what was not translated: other ports and protocols, connections that were open before,
 *   and those that another program translated to a metadata address.
 */
export function nodeChains(options: NodeTableOptions): readonly NodeChain[] {
  const { workloads, port, network, checksSource } = options;
  const [redirected, admitted] = [`redirect_${workloads.one}`, admitting(options)];
  const fromThem = (...then: readonly Statement[]) => fromInterfaces(network, then);
  const hook = (name: string, type: string, prio: number) => ({ name, base: { type, hook: name, prio } });
  return [
    { ...hook('prerouting', 'nat', -101), rules: fromThem(jumpTo(redirected)) },
    { ...hook('input', 'filter', -1), rules: [...guardRules(options), ...fromThem(jumpTo('refuse'))] },
    { ...hook('forward', 'filter', -1), rules: fromThem(jumpTo('refuse')) },
    {
      name: redirected,
      rules: redirectedAddresses(options).map(([protocol, address]) => [
        toAddress(protocol, address),
        toPort(METADATA_PORT),
        network.addresses ? translateTo(protocol, network.addresses[protocol] ?? '', port) : redirectTo(port),
      ]),
    },
    {
      name: admitted,
      rules: fromThem(...(checksSource ? [SOURCE_IS_ROUTED_BACK] : []), ACCEPT),
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

function admitting({ workloads }: NodeTableOptions): string {
  return `admit_${workloads.one}`;
}

function guardRules(options: NodeTableOptions): readonly (readonly Statement[])[] {
  const port = toPort(options.port);
  const admitted = redirectedAddresses(options).map(([protocol, address]) => [
    port,
    firstToAddress(protocol, address),
    firstToPort(METADATA_PORT),
    jumpTo(admitting(options)),
  ]);
  return [...admitted, [port, RESET]];
}

/** Returns the rules of a chain that does something for packets of workloads, and nothing for others. */
function fromInterfaces({ interfaces }: WorkloadNetwork, then: readonly Statement[]) {
  if (interfaces.kind === 'matching')
    return interfaces.patterns.map((pattern) => [fromInterface(pattern), ...then]);
  return [...interfaces.names.map((name) => [fromInterface(name), RETURN]), then];
}

/** Renders the table as input of `nft -f`, which replaces it in one step: there is no time without rules. */
export function renderNodeTable({ table }: Workloads, chains: readonly NodeChain[]): string {
  // A chain must be known before a rule leads to it.
  const known = chains.filter(({ base }) => !base).map(({ name }) => `  chain ${name} {\n  }\n`);
  return `${renderNodeRemoval(table)}table ${table} {\n${known.join('')}${chains.map(renderChain).join('')}}\n`;
}

function renderChain({ name, base, rules }: NodeChain): string {
  const head = base ? [`type ${base.type} hook ${base.hook} priority ${base.prio}; policy accept;`] : [];
  const lines = [...head, ...rules.map((rule) => rule.map(({ text }) => text).join(' '))];
  return `  chain ${name} {\n${lines.map((line) => `    ${line}\n`).join('')}  }\n`;
}

/** Renders the removal of the table, which need not exist. */
export function renderNodeRemoval(table: string): string {
  return `add table ${table}\ndelete table ${table}\n`;
}
