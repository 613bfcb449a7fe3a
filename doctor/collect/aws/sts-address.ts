import { stsEndpoint } from '../../../credentials/exchange/sts-endpoint.ts';
import type { RoleArn } from '../../../lib/arn.ts';
import { ENDPOINT_KIND_ENV, ENV, STS_ENDPOINT_ENV } from '../../../lib/contract/sdk.ts';
import { regionOfPartition } from '../../../lib/region-of-partition.ts';
import type { Env } from '../../../lib/surroundings.ts';
import type { ContainerFacts, PodFacts } from '../../facts/pod-facts.ts';
import { leadsToLoopback, leadsToMetadata, type Resolve, readAddresses } from '../host-addresses.ts';

/** STS that a pod asks. */
export interface StsAddress {
  readonly region: string;
  readonly endpoint: URL;
  /** True if variables of the pod, which a tenant writes, name the endpoint. */
  readonly isNamedByPod: boolean;
}

export interface StsQuestion {
  readonly role: RoleArn;
  /** Variables of the container that exchanges its token. */
  readonly podEnv: Env;
  /** `--sts-endpoint-url` */
  readonly stsEndpointUrl: string | undefined;
  /** Variables of this process, for what the pod does not say. */
  readonly env: Env;
}

/**
 * Returns the STS that a pod asks: its own endpoint or that of its region. What the pod does not say is taken
 * from the variables of this process, else from the partition of the role.
 * @throws PodroleError `INVALID_SETTING` if an endpoint or a kind is invalid, or AWS has no such region
 */
export function stsAddress({ role, podEnv, stsEndpointUrl, env }: StsQuestion): StsAddress {
  const region = regionOf(podEnv) ?? regionOf(env) ?? regionOfPartition(role.partition);
  if (stsEndpointUrl !== undefined) {
    const given = { [STS_ENDPOINT_ENV.endpointUrlSts]: stsEndpointUrl };
    return { region, endpoint: stsEndpoint(region, given), isNamedByPod: false };
  }
  const names = (variables: readonly string[]) => variables.some((name) => podEnv[name]);
  const isNamedByPod = names(ENDPOINTS);
  const source = isNamedByPod || names(Object.values(ENDPOINT_KIND_ENV)) ? podEnv : env;
  return { region, endpoint: stsEndpoint(region, source), isNamedByPod };
}

const ENDPOINTS = [STS_ENDPOINT_ENV.endpointUrlSts, STS_ENDPOINT_ENV.endpointUrl];

function regionOf(env: Env): string | undefined {
  return env[ENV.region] || env[ENV.defaultRegion] || undefined;
}

/**
 * Returns the plain variables of the container that exchanges its token: the given one, else the first that
 * has a role.
 */
export function exchangingEnv(pod: PodFacts | undefined, container: string | undefined): Env {
  const found = pod && (named(pod, container) ?? pod.containers.find(hasRole));
  return Object.fromEntries(
    (found?.env ?? []).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );
}

function named({ containers }: PodFacts, name: string | undefined): ContainerFacts | undefined {
  return containers.find((container) => container.name === name);
}

function hasRole({ env }: ContainerFacts): boolean {
  return env.some(({ name }) => name === ENV.roleArn);
}

/**
 * True for an address that only means something within the pod or on its node. A tenant writes the
 * endpoint of a pod, so that podrole would otherwise ask an address of its own machine, or one that answers
 * its metadata. A name may lead to such an address, too.
 */
export async function isOnlyWithinPod(
  { href, hostname }: URL,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<boolean> {
  if (/^(?:[^.]+\.)*localhost\.?$/.test(hostname)) return true;
  const addresses = await readAddresses(href, resolve, signal);
  return leadsToLoopback(addresses) || leadsToMetadata(addresses);
}
