import { readNetworkNamespace } from '../../redirect/network-namespace.ts';
import { nftOn } from '../../redirect/nft-command.ts';
import { runRedirect } from '../../redirect/run-redirect.ts';
import { redirectSettings } from '../../redirect/settings.ts';
import { defineCommand, EXIT } from '../command.ts';

export const redirect = defineCommand({
  description: `Leads the metadata addresses to the sidecar, in the network namespace that it is run in: new connections to 169.254.169.254, 169.254.170.2 and fd00:ec2::254, port 80, end at port 9911 on loopback. Nothing else is touched; port 80 of the pod itself stays free for the app. Run again it changes nothing.

It needs nft and the capability NET_ADMIN, and is done in a moment: in a pod it is an init container, before all others. A connection that is open already is not led over: it stays where it leads or, where the kernel did not track it, breaks.

The rules are one table of nftables, loaded whole or not at all, and read back from the kernel. Where the kernel has no IPv6 the IPv4 addresses alone are redirected. In the machine's own network namespace it refuses, unless --host-network is given.`,
  examples: [
    ['redirect', 'In an init container with NET_ADMIN'],
    ['redirect --print', 'Show the rules, as nft -f takes them'],
    ['redirect --check -o json', 'Are they loaded, and nothing beside them?'],
    ['redirect --undo', 'Take them away again'],
  ],
  settings: redirectSettings,
  run: async (settings, { stdout, stderr, env }) => {
    runRedirect(settings, { stdout, stderr, nft: nftOn(env['PATH']), namespace: readNetworkNamespace() });
    return EXIT.ok;
  },
});
