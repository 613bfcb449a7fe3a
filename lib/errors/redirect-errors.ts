import type { ErrorCatalogue } from './catalogue.ts';

/** Refusals of `podrole redirect`, which changes the network namespace of a pod. */
export const redirectErrors = {
  HOST_NETWORK: {
    happened:
      'The network namespace is that of the machine: every program on it would lose its metadata service.',
    remedy:
      'Leave `hostNetwork` out of the pod. If this is wanted, or the machine is a pod of its own as with Kata, give `--host-network`.',
  },
  NFT_FAILED: {
    happened: '`nft` failed for a reason that podrole does not know. Its own words are in the message.',
    remedy: 'Run `podrole redirect --print`, and try its output with `nft -f`.',
  },
  NFT_LISTING: {
    happened: 'The table that `nft` lists cannot be read.',
    remedy: 'Look at `nft list table`. `podrole redirect` replaces the table.',
  },
  NFT_NOT_FOUND: {
    happened: 'The program `nft` is not on the `PATH`, or this user may not run it.',
    remedy: 'Install the package nftables. It is in `/usr/sbin`, which the `PATH` may lack.',
  },
  NFT_WITHOUT_JSON: {
    happened: 'This build of `nft` has no JSON, so the rules cannot be verified.',
    remedy: 'Install nftables as Debian or Alpine build it.',
  },
  NO_NET_ADMIN: {
    happened: 'The process lacks the capability `NET_ADMIN`.',
    remedy: 'Run it as root with `capabilities: {add: [NET_ADMIN], drop: [ALL]}`.',
  },
  NO_NFT_NAT: {
    happened: 'The kernel has nf_tables, but no nat for the family `inet`.',
    remedy: 'Use Linux 5.2 or newer, and load nft_chain_nat and nft_redir on the node.',
  },
  NO_NF_TABLES: {
    happened: 'The kernel, or the sandbox in its place, has no nf_tables.',
    remedy:
      'Load nf_tables on the node. If that is impossible, use `podrole.dev/sidecar: credentials`, which needs no redirect.',
  },
  REDIRECT_DIFFERS: {
    happened: 'The rules are not those that podrole writes: another program changes the table.',
    remedy: 'Run `podrole redirect`, which replaces them, and stop the other program.',
  },
  UPLINK_UNKNOWN: {
    happened:
      'The node has neither a default route nor a network card with an address, so nothing tells its own network from that of pods.',
    remedy: 'Give `--node-address`, the `status.hostIP` of the pod.',
  },
} as const satisfies ErrorCatalogue;
