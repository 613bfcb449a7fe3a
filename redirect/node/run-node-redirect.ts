import type { Output } from '../../lib/surroundings.ts';
import { loadRules } from '../loaded-table.ts';
import type { NetworkNamespace } from '../network-namespace.ts';
import type { RunNft } from '../nft-command.ts';
import { checkRedirectSettings, type RedirectSettings } from '../settings.ts';
import { loadNodeTable, readNodeTable, throwIfDifferent } from './load-node-table.ts';
import { type NodeInterface, type NodeNetwork, nodeNetwork } from './node-network.ts';
import {
  NODE_TABLE,
  nodeChains,
  redirectedAddresses,
  renderNodeRemoval,
  renderNodeTable,
} from './node-table.ts';

export interface NodeRedirectSurroundings extends Output {
  readonly nft: RunNft;
  readonly namespace: NetworkNamespace;
  readonly interfaces: () => readonly NodeInterface[];
}

/**
 * Runs `podrole redirect --node` without `--watch`: redirects the metadata addresses of all pods of the node
 * to its agent, or prints, checks or removes the rules.
 * @throws PodroleError `REDIRECT_DIFFERS` if the kernel does not hold the expected rules, `UPLINK_UNKNOWN`
 *   if the pods' interfaces cannot be found, and faults of nft
 */
export function runNodeRedirect(settings: RedirectSettings, surroundings: NodeRedirectSurroundings): void {
  checkRedirectSettings(settings);
  const { stdout, stderr, nft } = surroundings;
  const say = (text: string, json: object) =>
    stdout.write(settings.output === 'json' ? `${JSON.stringify({ table: NODE_TABLE, ...json })}\n` : text);
  if (settings.undo) {
    loadRules(nft, renderNodeRemoval());
    say(`removed: this network namespace has no table ${NODE_TABLE}\n`, { state: 'absent' });
    return;
  }
  const wanted = wantedTable(settings, surroundings);
  if (settings.print) {
    const ruleset = renderNodeTable(nodeChains({ ...wanted, checksSource: true }));
    say(ruleset, { ruleset });
    return;
  }
  if (!settings.check) loadNodeTable(nft, wanted);
  const { differences, checksSource } = readNodeTable(nft, wanted);
  throwIfDifferent(differences);
  for (const note of limitsOf({ ...wanted, checksSource })) stderr.write(`note: ${note}\n`);
  const addresses = redirectedAddresses({ ...wanted, checksSource }).map(([, address]) => address);
  const { pods, addresses: to } = wanted.network;
  const from = describePods(wanted.network);
  say(`redirected from ${from} to port ${settings.agentPort} of the node: ${addresses.join(', ')}\n`, {
    state: 'loaded',
    port: settings.agentPort,
    addresses,
    nodeAddresses: Object.values(to).filter((address) => address !== undefined),
    pods,
    checksSource,
  });
}

export type WantedTable = ReturnType<typeof wantedTable>;

/** Returns the table that this node needs now. */
export function wantedTable(
  { agentPort, podInterface, nodeAddress }: RedirectSettings,
  { interfaces, namespace }: Pick<NodeRedirectSurroundings, 'interfaces' | 'namespace'>,
) {
  const network = nodeNetwork(interfaces(), { podInterfaces: podInterface, nodeAddresses: nodeAddress });
  return { agentPort, network, hasIpv6: namespace.hasIpv6 };
}

/** Interfaces of pods, in words. */
export function describePods({ pods }: NodeNetwork): string {
  return pods.kind === 'matching'
    ? `interfaces ${pods.patterns.join(', ')}`
    : `all interfaces but ${pods.names.join(', ')}`;
}

/** Returns what the rules do not do on this node. */
export function limitsOf({
  hasIpv6,
  network: { addresses },
  checksSource,
}: WantedTable & { readonly checksSource: boolean }): readonly string[] {
  const refused = (protocol: string) =>
    `the node has no ${protocol} address, so pods are refused at the ${protocol} metadata addresses`;
  return [
    ...(hasIpv6 ? [] : ['the kernel has no IPv6; only IPv4 addresses are redirected']),
    ...(addresses.ip ? [] : [refused('IPv4')]),
    ...(addresses.ip6 || !hasIpv6 ? [] : [refused('IPv6')]),
    ...(checksSource
      ? []
      : [
          'the kernel cannot look up routes in rules (nft_fib_inet); a forged source is not compared with its interface',
        ]),
  ];
}
