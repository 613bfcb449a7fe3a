import { BlockList, isIP } from 'node:net';
import { INSTANCE_METADATA } from '../../lib/contract/imds.ts';
import { ENV } from '../../lib/contract/sdk.ts';
import { type Fault, throwIfAny } from '../../lib/errors.ts';
import type { Env } from '../../lib/surroundings.ts';

/** Ports and addresses of podrole itself on this host. */
export interface OwnEndpoints {
  readonly ports: readonly number[];
  /** Addresses of this host besides loopback, without a zone. */
  readonly addresses: readonly string[];
}

/** Variables that lead the AWS SDK to credentials of a server. */
const SERVERS = [INSTANCE_METADATA.endpointVariable, ENV.containerCredentialsFullUri];

/**
 * Refuses an environment that leads the AWS SDK of this process to podrole itself: the host's credentials
 * would then come from the server that needs them. In a profile, `ec2_metadata_service_endpoint` can do the
 * same; the server then finds no container behind the host's own address, and refuses.
 * @throws PodroleError `INVALID_SETTING`
 */
export function refuseOwnEndpoint(env: Env, { ports, addresses }: OwnEndpoints): void {
  const faults = SERVERS.flatMap((object): readonly Fault[] => {
    const url = URL.parse(env[object] ?? '');
    const isOwn = url && ports.includes(portOf(url)) && isOwnHost(url.hostname, addresses);
    if (!isOwn) return [];
    const problem = `leads to podrole itself, at ${url.host}, where the host's own credentials cannot come from`;
    return [{ code: 'INVALID_SETTING', object, problem, remedy: 'unset it for this process' }];
  });
  throwIfAny(faults);
}

function portOf({ port, protocol }: URL): number {
  return Number(port) || (protocol === 'https:' ? 443 : 80);
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addSubnet('::ffff:127.0.0.0', 104, 'ipv6');
for (const any of ['0.0.0.0', '::', '::1']) LOOPBACK.addAddress(any, isIP(any) === 4 ? 'ipv4' : 'ipv6');

function isOwnHost(hostname: string, addresses: readonly string[]): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const version = isIP(host);
  if (version === 0) return host === 'localhost' || host.endsWith('.localhost');
  return addresses.includes(host) || LOOPBACK.check(host, version === 4 ? 'ipv4' : 'ipv6');
}
