import { METADATA_ADDRESS } from '../lib/contract.ts';

const { instanceIpv4, instanceIpv6, container } = METADATA_ADDRESS;
const ALLOWED: ReadonlySet<string> = new Set([
  ...['localhost', '127.0.0.1', '[::1]'],
  ...[instanceIpv4, `[${instanceIpv6}]`, container],
]);

/**
 * Whether a request was meant for this server, by its Host header: an address of the metadata services or a name of loopback, with a port
 * or without. A web page whose own name was made to resolve to 127.0.0.1 (DNS rebinding) sends that name. HTTP/1.0 may send none: no
 * browser does that.
 */
export function isAllowedHost(host: string | undefined): boolean {
  if (host === undefined) return true;
  const name = host.replace(/:\d{0,5}$/, '').toLowerCase();
  return ALLOWED.has(name) || ALLOWED.has(canonical(name));
}

/** The usual spelling of an IPv6 address in brackets; `[0:0:0:0:0:0:0:1]` is `[::1]`. */
function canonical(name: string): string {
  return (name.startsWith('[') && URL.parse(`http://${name}/`)?.hostname) || '';
}
