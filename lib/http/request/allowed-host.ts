import { METADATA_ADDRESS, POD_IDENTITY_ADDRESS } from '../../contract/imds.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
/** Hosts at which SDKs look for container credentials. */
const CONTAINER_HOSTS: ReadonlySet<string> = new Set([
  ...LOOPBACK,
  METADATA_ADDRESS.container,
  POD_IDENTITY_ADDRESS.ipv4,
  `[${POD_IDENTITY_ADDRESS.ipv6}]`,
]);
const ALLOWED: ReadonlySet<string> = new Set([
  ...CONTAINER_HOSTS,
  METADATA_ADDRESS.instanceIpv4,
  `[${METADATA_ADDRESS.instanceIpv6}]`,
]);

/**
 * Returns true if the Host header shows that a request is meant for this server: an address of the metadata
 * services or a name of loopback, with or without a port. A web page whose name resolves to 127.0.0.1 (DNS
 * rebinding) sends its own name. HTTP/1.0 may send no Host; no browser uses it.
 */
export function isAllowedHost(host: string | undefined): boolean {
  return host === undefined || ALLOWED.has(nameIn(host));
}

/**
 * True if the Host header is one that SDKs use for container credentials. A server that was tricked into
 * fetching a URL of 169.254.169.254, a known attack on EC2, sends that address. No SDK sends a request
 * without Host.
 */
export function isContainerHost(host: string | undefined): boolean {
  return host !== undefined && CONTAINER_HOSTS.has(nameIn(host));
}

/**
 * True if the host in a target that is a whole URL is the one of the Host header, as clients must send it.
 * RFC 9112, section 3.2. So no rule about hosts can be avoided by naming two. A target with a user is
 * refused.
 */
export function isSameHost(authority: string, host: string | undefined): boolean {
  const name = nameIn(authority);
  return name !== '' && host !== undefined && name === nameIn(host);
}

/**
 * A name or IPv4 address, or an IPv6 address in brackets, then a port or none, and nothing else. RFC 9110
 * section 7.2
 */
const HOST = /^(\[[\da-f:.]{2,45}\]|[\da-z.-]{1,253})(?::\d{0,5})?$/;

/**
 * Returns the name in a Host header; `[0:0:0:0:0:0:0:1]` is `[::1]`. Empty if the header has anything but a
 * name and a port.
 */
function nameIn(host: string): string {
  const name = HOST.exec(host.toLowerCase())?.[1] ?? '';
  return name.startsWith('[') ? (URL.parse(`http://${name}/`)?.hostname ?? '') : name;
}
