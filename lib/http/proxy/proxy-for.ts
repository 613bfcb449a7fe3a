import { BlockList, isIP } from 'node:net';
import { PROXY_ENV } from '../../contract/sdk.ts';
import { PodroleError } from '../../errors.ts';
import type { Env } from '../../surroundings.ts';

/**
 * Returns the proxy that the environment names for a target; undefined if the target is asked directly.
 * Loopback, link-local addresses and the metadata addresses of AWS are always asked directly.
 * @throws PodroleError `INVALID_SETTING`
 */
export function proxyFor(target: URL, env: Env): URL | undefined {
  const variable = givenName(PROXY_ENV[target.protocol === 'https:' ? 'https' : 'http'], env);
  if (variable === undefined || isDirect(target, env)) return undefined;
  return parseProxy(variable, env[variable] ?? '');
}

/**
 * Returns the variable that counts: the name in small letters comes first, as for curl, Python and Node. An
 * empty variable does not count.
 */
function givenName(names: readonly string[], env: Env): string | undefined {
  return names.toReversed().find((name) => env[name]?.trim());
}

/**
 * Parses the value of a proxy variable, which may lack its scheme, as in `proxy.internal:3128`. The error
 * quotes no part that may be a password.
 * @throws PodroleError `INVALID_SETTING`
 */
export function parseProxy(object: string, given: string): URL {
  const text = given.trim();
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  // In a password, `/`, `?` and `#` must be encoded: else the user counts as the host.
  const isUrl = url !== null && url.hostname !== '' && !/@/.test(url.pathname + url.search + url.hash);
  if (isUrl && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new PodroleError({
    code: 'INVALID_SETTING',
    object,
    problem: isUrl ? `is a ${url.protocol}// URL, which cannot be a proxy here` : 'is not the URL of a proxy',
    remedy: 'give a proxy as http://HOST:PORT or https://HOST:PORT, or unset it',
  });
}

/** Addresses that no proxy may ask in our place, or could. */
const ALWAYS_DIRECT = blockListOf(['127.0.0.0/8', '169.254.0.0/16', '::1/128', 'fe80::/10', 'fd00:ec2::/32']);

function isDirect(target: URL, env: Env): boolean {
  const host = hostOf(target.hostname);
  if (host === 'localhost' || host.endsWith('.localhost') || contains(ALWAYS_DIRECT, host)) return true;
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  const noProxy = env[givenName(PROXY_ENV.none, env) ?? ''] ?? '';
  return noProxy.split(/[\s,]/).some((entry) => matches(entry.toLowerCase(), host, port));
}

/**
 * True if an entry of NO_PROXY names the host: `*`, a domain with or without `.` or `*.` in front of it, an
 * address or a range of addresses; each of them, but for a range, with or without a port.
 */
function matches(entry: string, host: string, port: string): boolean {
  if (entry === '') return false;
  if (entry.includes('/')) return contains(blockListOf([entry]), host);
  const [name, entryPort] = splitPort(entry);
  if (entryPort !== undefined && entryPort !== port) return false;
  if (name === '*') return true;
  const domain = name.replace(/^\*?\./, '').replace(/\.$/, '');
  if (isIP(domain) || isIP(host)) return isIP(domain) !== 0 && contains(blockListOf([domain]), host);
  return domain !== '' && (host === domain || host.endsWith(`.${domain}`));
}

/** Splits `host:443`, `[fd00::1]:443`, and `fd00::1`, which has no port. */
function splitPort(entry: string): readonly [name: string, port: string | undefined] {
  const [, bracketed, plain, port] = /^(?:\[([\da-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(entry) ?? [];
  return [bracketed ?? plain ?? entry, port];
}

/** Returns a host name in small letters, without brackets and without the dot of the root at its end. */
function hostOf(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

/** Collects ranges such as `10.0.0.0/8`, or single addresses. Leaves out what is neither. */
function blockListOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/', 2);
    const kind = isIP(address);
    const most = kind === 6 ? 128 : 32;
    const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : most + 1;
    if (kind !== 0 && length <= most) list.addSubnet(address, length, kind === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

function contains(list: BlockList, host: string): boolean {
  const kind = isIP(host);
  return kind !== 0 && list.check(host, kind === 6 ? 'ipv6' : 'ipv4');
}
