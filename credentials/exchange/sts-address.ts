import { STS_ENDPOINT_ENV } from '../../lib/contract/sdk.ts';
import { proxyFor } from '../../lib/http/proxy/proxy-for.ts';
import type { Env } from '../../lib/surroundings.ts';
import { stsEndpoint } from './sts-endpoint.ts';

/** STS, and the way to it. */
export interface StsAddress {
  readonly endpoint: URL;
  /** PEM file of authorities to trust besides Node's. */
  readonly caFile: string | undefined;
  /** Proxy that leads to the endpoint; default: none. */
  readonly proxy?: URL | undefined;
}

/**
 * Returns the STS that this process asks, by its own variables.
 * @throws PodroleError `INVALID_SETTING`
 */
export function stsAddress(region: string, env: Env): StsAddress {
  return wayToSts(stsEndpoint(region, env), env);
}

/**
 * Returns the way to an endpoint, by the proxy and CA variables of this process.
 * @throws PodroleError `INVALID_SETTING`
 */
export function wayToSts(endpoint: URL, env: Env): StsAddress {
  const proxy = proxyFor(endpoint, env);
  return { endpoint, ...(proxy && { proxy }), caFile: env[STS_ENDPOINT_ENV.caBundle] || undefined };
}
