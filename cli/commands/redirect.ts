import { networkInterfaces } from 'node:os';
import { systemClock } from '../../lib/clock.ts';
import { createLogger } from '../../lib/logger.ts';
import { readNetworkNamespace } from '../../redirect/network-namespace.ts';
import { nftOn } from '../../redirect/nft-command.ts';
import { readInterfaces } from '../../redirect/node/read-interfaces.ts';
import { runNodeRedirect } from '../../redirect/node/run-node-redirect.ts';
import { watchNode } from '../../redirect/node/watch-node.ts';
import { runRedirect } from '../../redirect/run-redirect.ts';
import { redirectSettings } from '../../redirect/settings.ts';
import { defineCommand } from '../command.ts';

export const redirect = defineCommand({
  description: `Redirects the metadata addresses to the sidecar, in the network namespace in which it runs: new connections to port 80 of 169.254.169.254, 169.254.170.2 and fd00:ec2::254 go to port 9911 on loopback. Nothing else changes; the app can use port 80 of the pod. A second run changes nothing.

It needs nft and the capability NET_ADMIN. In a pod it is the first init container, and ends when the rules are loaded. Connections opened earlier are not redirected. They continue to the old destination, or break if the kernel did not track them.

The rules are one nftables table, which is loaded completely or not at all, and then read back from the kernel. If the kernel has no IPv6, only the IPv4 addresses are redirected. In the machine's own network namespace it refuses to run, unless --host-network is given.

With --node it does this for all pods of a node that have a network of their own, and leads them to port 9921, the agent's; 169.254.170.23 and fd00:ec2::23 too. Pods reach nothing else at these addresses, and nobody else reaches that port. The node and its host-network pods keep their own metadata.

With --docker it does this for all containers of a Docker or Podman host that have a network of their own, and leads them to port 9931, that of podrole docker. The host keeps its own metadata, and so do containers in the network mode host: they get the role of the host, if it has one.`,
  examples: [
    ['redirect', 'In an init container with NET_ADMIN'],
    ['redirect --print', 'Print the rules, as input for nft -f'],
    ['redirect --check -o json', 'Check that exactly these rules are loaded'],
    ['redirect --undo', 'Remove the rules'],
    ['redirect --node --watch', 'Load the rules of a node, and keep them'],
    ["redirect --node --pod-interface 'cali*'", 'Name the interfaces of pods'],
    ['redirect --docker --watch', 'Load the rules of a Docker host, and keep them'],
    ['redirect --docker --undo', 'Remove them'],
  ],
  settings: redirectSettings,
  run: async (settings, { stdout, stderr, env, signal, serveUntilSignal }) => {
    const common = { nft: nftOn(env['PATH']), namespace: readNetworkNamespace() };
    const interfaces = () => readInterfaces(networkInterfaces());
    const { node, docker } = settings;
    if (!node && !docker) runRedirect(settings, { stdout, stderr, ...common });
    else if (!settings.watch) runNodeRedirect(settings, { stdout, stderr, interfaces, ...common });
    else {
      const logger = createLogger('info', stdout);
      const watching = { interfaces, ...common, logger, clock: systemClock, signal };
      await serveUntilSignal(() => watchNode(settings, watching));
    }
    return 'done';
  },
});
