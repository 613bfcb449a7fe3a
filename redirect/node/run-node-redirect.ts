import type { Output } from '../../lib/surroundings.ts';
import { loadRules } from '../loaded-table.ts';
import type { NetworkNamespace } from '../network-namespace.ts';
import type { RunNft } from '../nft-command.ts';
import { checkRedirectSettings, type RedirectSettings } from '../settings.ts';
import { loadNodeTable, readNodeTable, throwIfDifferent } from './load-node-table.ts';
import type { NodeInterface } from './node-network.ts';
import { nodeChains, redirectedAddresses, renderNodeRemoval, renderNodeTable } from './node-table.ts';
import { describeInterfaces, limitsOf, namedAddresses, wantedTable, workloadsOf } from './wanted-table.ts';

export interface NodeRedirectSurroundings extends Output {
  readonly nft: RunNft;
  readonly namespace: NetworkNamespace;
  readonly interfaces: () => readonly NodeInterface[];
}

/**
 * Runs `podrole redirect --node` or `--docker` without `--watch`: redirects the metadata addresses of all
 * pods or containers of the machine to podrole, or prints, checks or removes the rules.
 * @throws PodroleError `REDIRECT_DIFFERS` if the kernel does not hold the expected rules, `UPLINK_UNKNOWN`
 *   if the pods' interfaces cannot be found, and faults of nft
 */
export function runNodeRedirect(settings: RedirectSettings, surroundings: NodeRedirectSurroundings): void {
  checkRedirectSettings(settings);
  const { stdout, stderr, nft } = surroundings;
  const workloads = workloadsOf(settings);
  const { table, many, host } = workloads;
  const say = (text: string, json: object) =>
    stdout.write(settings.output === 'json' ? `${JSON.stringify({ table, ...json })}\n` : text);
  if (settings.undo) {
    loadRules(nft, renderNodeRemoval(table));
    say(`removed: this network namespace has no table ${table}\n`, { state: 'absent' });
    return;
  }
  const wanted = wantedTable(settings, surroundings);
  if (settings.print) {
    const ruleset = renderNodeTable(workloads, nodeChains({ ...wanted, checksSource: true }));
    say(ruleset, { ruleset });
    return;
  }
  if (!settings.check) loadNodeTable(nft, wanted);
  const { differences, checksSource } = readNodeTable(nft, wanted);
  throwIfDifferent(differences, workloads);
  for (const note of limitsOf({ ...wanted, checksSource })) stderr.write(`note: ${note}\n`);
  const addresses = redirectedAddresses({ ...wanted, checksSource }).map(([, address]) => address);
  const { port, network } = wanted;
  say(
    `redirected from ${describeInterfaces(network)} to port ${port} of the ${host}: ${addresses.join(', ')}\n`,
    {
      state: 'loaded',
      port,
      addresses,
      ...namedAddresses(network),
      [many]: network.interfaces,
      checksSource,
    },
  );
}
