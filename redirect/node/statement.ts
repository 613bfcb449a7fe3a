/**
 * Part of a rule, in the two languages of nft: the one that `nft -f` reads, and the one that `nft -j` lists.
 * libnftables-json(5)
 */
export interface Statement {
  readonly text: string;
  readonly json: unknown;
}

/** Protocol of an address, as nft names it. */
export type Protocol = 'ip' | 'ip6';

const match = (left: object, right: unknown, op = '==') => ({ match: { op, left, right } });

/** @param name of an interface, or the beginning of names with `*` after it */
export const fromInterface = (name: string): Statement => ({
  text: `iifname "${name}"`,
  json: match({ meta: { key: 'iifname' } }, name),
});

export const toAddress = (protocol: Protocol, address: string): Statement => ({
  text: `${protocol} daddr ${address}`,
  json: match({ payload: { protocol, field: 'daddr' } }, address),
});

export const toPort = (port: number): Statement => ({
  text: `tcp dport ${port}`,
  json: match({ payload: { protocol: 'tcp', field: 'dport' } }, port),
});

/** Destination that the connection had before any translation. */
export const firstToAddress = (protocol: Protocol, address: string): Statement => ({
  text: `ct original ${protocol} daddr ${address}`,
  json: match({ ct: { key: `${protocol} daddr`, dir: 'original' } }, address),
});

export const firstToPort = (port: number): Statement => ({
  text: `ct original proto-dst ${port}`,
  json: match({ ct: { key: 'proto-dst', dir: 'original' } }, port),
});

/** Answers to the source would leave by the interface by which the packet came. */
export const SOURCE_IS_ROUTED_BACK: Statement = {
  text: 'fib saddr . iif oif != 0',
  json: match({ fib: { result: 'oif', flags: ['saddr', 'iif'] } }, 0, '!='),
};

export const IS_TCP: Statement = {
  text: 'meta l4proto tcp',
  json: match({ meta: { key: 'l4proto' } }, 'tcp'),
};

export const translateTo = (protocol: Protocol, addr: string, port: number): Statement => ({
  text: `dnat ${protocol} to ${protocol === 'ip6' ? `[${addr}]` : addr}:${port}`,
  json: { dnat: { family: protocol, addr, port } },
});

/** To the address of the interface by which the packet came. */
export const redirectTo = (port: number): Statement => ({
  text: `redirect to :${port}`,
  json: { redirect: { port } },
});

export const jumpTo = (target: string): Statement => ({ text: `jump ${target}`, json: { jump: { target } } });

export const RETURN: Statement = { text: 'return', json: { return: null } };
export const ACCEPT: Statement = { text: 'accept', json: { accept: null } };

export const RESET: Statement = {
  text: 'reject with tcp reset',
  json: { reject: { type: 'tcp reset' } },
};

export const PROHIBIT: Statement = {
  text: 'reject with icmpx type admin-prohibited',
  json: { reject: { type: 'icmpx', expr: 'admin-prohibited' } },
};
