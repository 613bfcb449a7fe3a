import { type ApiClient, describeAnswer } from '../../../kubernetes/api-client.ts';
import { remedyFor } from '../../../kubernetes/api-refusal.ts';
import { API_SERVER_ENDPOINTS_PATH } from '../../../lib/contract/kubernetes.ts';
import { PodroleError } from '../../../lib/errors.ts';
import { asArray, asObject, asText } from '../../../lib/json/json.ts';

/** One API server of the cluster, at its own address. */
export interface ApiServer {
  readonly name: string;
  readonly client: ApiClient;
}

export interface ApiServers {
  readonly servers: readonly ApiServer[];
  /** Notes for the reader on how they were found. */
  readonly notes: readonly string[];
  readonly close: () => void;
}

const TIMEOUT_MS = 10_000;

/**
 * Returns every API server: the named ones, otherwise those that the cluster lists, otherwise the one of the
 * kubeconfig.
 * @param connectTo makes a client for an address; undefined stands for the address in the kubeconfig
 * @throws PodroleError `API_UNREACHABLE`, `API_REFUSED`
 */
export async function findApiServers(
  named: readonly string[],
  connectTo: (address: string | undefined) => ApiClient,
  signal: AbortSignal,
): Promise<ApiServers> {
  const byName = (addresses: readonly string[], notes: readonly string[] = []): ApiServers => {
    const servers = addresses.map((address) => ({ name: address, client: connectTo(address) }));
    const close = () => {
      for (const { client } of servers) client.close();
    };
    return { servers, notes, close };
  };
  if (named.length > 0) return byName(named);
  const configured = connectTo(undefined);
  try {
    const addresses = await readEndpoints(configured, signal);
    if (addresses.length > 0) {
      configured.close();
      return byName(addresses);
    }
  } catch (thrown) {
    configured.close();
    throw thrown;
  }
  return {
    servers: [{ name: 'of the kubeconfig', client: configured }],
    notes: [
      'the cluster lists no API servers, so only the one of the kubeconfig is checked; if that is a load balancer in front of several, name each with --api-server',
    ],
    close: () => configured.close(),
  };
}

/**
 * Addresses in the EndpointSlices of the Service `kubernetes`. [k8s] API servers register themselves there
 */
async function readEndpoints(client: ApiClient, signal: AbortSignal): Promise<readonly string[]> {
  const answer = await client.get(API_SERVER_ENDPOINTS_PATH, { timeoutMs: TIMEOUT_MS, signal });
  if (answer.status === 404) return [];
  if (answer.status !== 200) {
    throw new PodroleError({
      code: 'API_REFUSED',
      object: 'EndpointSlices of the Service default/kubernetes',
      problem: describeAnswer(answer),
      remedy: remedyFor(
        answer,
        'let this user list endpointslices in namespace default, or name every API server with --api-server',
      ),
    });
  }
  const slices = (asArray(asObject(answer.body)?.['items']) ?? []).map(asObject);
  return [...new Set(slices.flatMap((slice) => addressesOf(slice?.['endpoints'], slice?.['ports'])))];
}

function addressesOf(endpoints: unknown, ports: unknown): readonly string[] {
  const port = (asArray(ports) ?? []).map((each) => asObject(each)?.['port']).find(Number.isInteger) ?? 443;
  return (asArray(endpoints) ?? []).flatMap((endpoint) =>
    (asArray(asObject(endpoint)?.['addresses']) ?? []).flatMap((each) => {
      const address = asText(each);
      if (!address) return [];
      return [`https://${address.includes(':') ? `[${address}]` : address}:${port}`];
    }),
  );
}
