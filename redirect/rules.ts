import { METADATA_ADDRESS, METADATA_PORT } from '../lib/contract/imds.ts';

/**
 * Family and name of podrole's table. Everything in it is podrole's, so it is replaced and removed as a
 * whole.
 */
export const REDIRECT_TABLE = 'inet podrole';

/** The only chain of the table, as `nft -j` lists it. */
export const REDIRECT_CHAIN = {
  name: 'output',
  type: 'nat',
  hook: 'output',
  // The first chain that translates a connection wins. iptables, and with it service meshes, use -100.
  prio: -101,
  policy: 'accept',
} as const;

/** Redirect of new connections from `address`, tcp `port`, to `toPort` on loopback. */
export interface Redirect {
  /** Protocol of the address, as nft names it. */
  readonly protocol: 'ip' | 'ip6';
  readonly address: string;
  readonly port: number;
  readonly toPort: number;
}

/**
 * Returns the redirects that the table must hold.
 * @param toPort port of the sidecar, on 127.0.0.1 and ::1
 * @param withIpv6 false if the kernel has no IPv6: then nobody can reach the IPv6 address, and its rule may
 *   not load
 */
export function redirectsTo(toPort: number, withIpv6: boolean): readonly Redirect[] {
  const { instanceIpv4, container, instanceIpv6 } = METADATA_ADDRESS;
  const common = { port: METADATA_PORT, toPort };
  const ipv4 = [instanceIpv4, container].map((address) => ({ protocol: 'ip' as const, address, ...common }));
  return withIpv6 ? [...ipv4, { protocol: 'ip6', address: instanceIpv6, ...common }] : ipv4;
}

/**
 * Renders the table as input of `nft -f`, which loads all of it or, on an error, nothing. The table is
 * deleted first, so that loading it again gives the same table: flushing would keep the priority of an
 * existing chain. `add` comes before, since a table that does not exist cannot be deleted. One rule per
 * address needs less of the kernel than one rule with a set.
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

/** Renders the removal of the table, which need not exist, as input of `nft -f`. */
export function renderRemoval(): string {
  return `add table ${REDIRECT_TABLE}\ndelete table ${REDIRECT_TABLE}\n`;
}
