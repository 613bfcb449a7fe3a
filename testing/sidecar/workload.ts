import type { Session } from '../../credentials/session.ts';
import { parseRoleArn } from '../../lib/arn.ts';
import { INSTANCE_METADATA } from '../../lib/contract/imds.ts';
import type { Endpoint, EndpointAnswer, EndpointRequest } from '../../lib/http/endpoint.ts';
import type { EndpointFacts } from '../../metadata/endpoint-facts.ts';
import { type WorkloadEndpointOptions, workloadEndpoint } from '../../metadata/workload-endpoint.ts';

const role = parseRoleArn('arn:aws:iam::123456789012:role/team/shop/web');
if (!role) throw new Error('no role ARN');

/** Facts of a role whose ARN has a path. */
export const workloadFacts: EndpointFacts = {
  role,
  region: 'eu-central-1',
  availabilityZone: 'eu-central-1a',
  availabilityZoneId: 'euc1-az2',
  instanceId: 'i-0123456789abcdef0',
  startedAt: new Date('2026-11-24T12:00:00.250Z'),
};

/** A session whose dates have milliseconds, as real clocks do. */
export const workloadSession: Session = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'secret/of+the=session',
  sessionToken: 'token//of+the==session',
  expiration: new Date('2026-11-24T13:00:00.999Z'),
  obtainedAt: new Date('2026-11-24T12:00:01.500Z'),
};

/** The endpoint of a workload, and functions that send requests to it. */
export interface AskedWorkload {
  readonly endpoint: Endpoint;
  readonly instanceId: string;
  /** Sends a request to 127.0.0.1, unless the headers name another host. */
  readonly ask: (
    method: string,
    url: string,
    headers?: EndpointRequest['headers'],
  ) => Promise<EndpointAnswer>;
  /** Requests a session token with PUT. */
  readonly token: (ttlSeconds?: number) => Promise<string>;
  /** Moves the clock of the tokens forward. */
  readonly advance: (ms: number) => void;
}

/** A workload whose clock stands still and whose random bytes are always the same. */
function workloadOptions(
  monotonicMs: () => number,
  options: Partial<WorkloadEndpointOptions> = {},
): WorkloadEndpointOptions {
  let random = 0;
  return {
    facts: workloadFacts,
    sessions: { current: async () => workloadSession },
    imdsv2: 'optional',
    access: { isOpen: true },
    tokens: {
      key: Buffer.alloc(32, 'key of the test'),
      monotonicMs,
      randomBytes: (length) => {
        random += 1;
        return Buffer.alloc(length, random);
      },
    },
    ...options,
  };
}

/** Creates a workload without a network, as a sidecar serves it. */
export function workload(options: Partial<WorkloadEndpointOptions> = {}): AskedWorkload {
  return askWorkload(options, (complete) => ({
    endpoint: workloadEndpoint(complete),
    instanceId: complete.facts.instanceId,
  }));
}

/** Makes the endpoint of a workload, and functions that ask it. */
export function askWorkload(
  options: Partial<WorkloadEndpointOptions>,
  make: (options: WorkloadEndpointOptions) => Pick<AskedWorkload, 'endpoint' | 'instanceId'>,
): AskedWorkload {
  let elapsedMs = 5_000;
  const { endpoint, instanceId } = make(workloadOptions(() => elapsedMs, options));
  const ask: AskedWorkload['ask'] = (method, url, headers = {}) =>
    endpoint({ method, url, headers: { host: '127.0.0.1:9911', ...headers } });
  return {
    endpoint,
    instanceId,
    ask,
    async token(ttlSeconds = 60) {
      const header = INSTANCE_METADATA.tokenTtlHeader.toLowerCase();
      return (await ask('PUT', INSTANCE_METADATA.tokenPath, { [header]: String(ttlSeconds) })).body;
    },
    advance: (ms) => {
      elapsedMs += ms;
    },
  };
}
