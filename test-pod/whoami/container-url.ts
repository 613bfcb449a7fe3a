import { isIP } from 'node:net';
import { METADATA_ADDRESS, POD_IDENTITY_ADDRESS } from '../../lib/contract/imds.ts';
import { PodroleError } from '../../lib/errors.ts';

/** Hosts that SDKs ask without TLS. [sdk] "Container credential provider" */
const PLAIN_HOSTS: readonly string[] = [
  'localhost',
  '[::1]',
  METADATA_ADDRESS.container,
  POD_IDENTITY_ADDRESS.ipv4,
  `[${POD_IDENTITY_ADDRESS.ipv6}]`,
];

/**
 * Returns the address of container credentials. As the SDKs, it refuses plain http to any other host: the
 * authorization token would cross the network in clear.
 * @throws PodroleError `INVALID_SETTING`
 */
export function containerUrl(variable: string, given: string, base?: string): URL {
  // Only a path may be appended to the base.
  const url = base !== undefined && !/^\/(?!\/)/.test(given) ? null : URL.parse(given, base);
  const isPlain =
    url?.protocol === 'http:' && (PLAIN_HOSTS.includes(url.hostname) || isLoopback(url.hostname));
  if (url && (isPlain || url.protocol === 'https:')) return url;
  throw new PodroleError({
    code: 'INVALID_SETTING',
    object: variable,
    // Not the rest of it: a path may be the secret that leads to the credentials.
    problem: `${url ? `leads to ${url.protocol}//${url.host}` : 'is not a URL'}, must be an https URL, or http to loopback, ${PLAIN_HOSTS.slice(2).join(', ')}`,
    remedy: 'correct it: the SDKs refuse it too',
  });
}

function isLoopback(host: string): boolean {
  return isIP(host) === 4 && host.startsWith('127.');
}
