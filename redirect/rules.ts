import { METADATA_ADDRESS, METADATA_PORT } from '../lib/contract/imds.ts';

/** The table of podrole, as nft names it: family and name. Everything in it is podrole's, so it is replaced and removed whole. */
export const REDIRECT_TABLE = 'inet podrole';

/** The table's one chain, as `nft -j` lists it. */
export const REDIRECT_CHAIN = {
  name: 'output',
  type: 'nat',
  hook: 'output',
  // The first chain that translates a connection wins: before -100, where iptables and with it the service meshes have theirs.
  prio: -101,
  policy: 'accept',
} as const;

/** New connections to `address`, tcp `port`, lead to `toPort` on loopback. */
export interface Redirect {
  /** Protocol of the address, as nft names it. */
  readonly protocol: 'ip' | 'ip6';
  readonly address: string;
  readonly port: number;
  readonly toPort: number;
}

/**
 * What the table is to hold.
 * @param toPort where the sidecar listens, on 127.0.0.1 and ::1
 * @param withIpv6 false where the kernel has no IPv6: nobody can reach the address then, and the rule may not load
 */
export function redirectsTo(toPort: number, withIpv6: boolean): readonly Redirect[] {
  const { instanceIpv4, container, instanceIpv6 } = METADATA_ADDRESS;
  const common = { port: METADATA_PORT, toPort };
  const ipv4 = [instanceIpv4, container].map((address) => ({ protocol: 'ip' as const, address, ...common }));
  return withIpv6 ? [...ipv4, { protocol: 'ip6', address: instanceIpv6, ...common }] : ipv4;
}

/**
 * The table as input of `nft -f`, which takes all of it or, with an error, none. The table is deleted first, so that loading it again
 * changes nothing: flushing would leave a chain with another priority as it is. `add` is for the first time: what is not there can't
 * be deleted. A rule an address, not one with a set, needs less of the kernel.
 */
export function renderRedirects(redirects: readonly Redirect[]): string {
  const { name, type, hook, prio, policy } = REDIRECT_CHAIN;
  const rules = redirects.map(
    ({ protocol, address, port, toPort }) =>
      `    ${protocol} daddr ${address} tcp dport ${port} redirect to :${toPort}\n`,
  );
  return `${renderRemoval()}table ${REDIRECT_TABLE} {
  chain ${name} {
    type ${type} hook ${hook} priority ${prio}; policy ${policy};
${rules.join('')}  }
}
`;
}

/** Removes the table, where it is there, as input of `nft -f`. */
export function renderRemoval(): string {
  return `add table ${REDIRECT_TABLE}\ndelete table ${REDIRECT_TABLE}\n`;
}
