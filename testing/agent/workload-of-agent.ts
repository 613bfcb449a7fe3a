import { Socket } from 'node:net';
import { agentEndpoint } from '../../agent/serve/agent-endpoint.ts';
import { openPodEndpoints } from '../../agent/serve/pod-endpoints.ts';
import { systemClock } from '../../lib/clock.ts';
import { instanceIdFor } from '../../metadata/instance-id.ts';
import type { WorkloadEndpointOptions } from '../../metadata/workload-endpoint.ts';
import { type AskedWorkload, askWorkload, workload } from '../sidecar/workload.ts';
import { sampleGrant, samplePod } from './sample-pod.ts';

/** Creates a workload without a network, as the agent serves a pod whose address is certain. */
function workloadOfAgent(options: Partial<WorkloadEndpointOptions> = {}): AskedWorkload {
  return askWorkload(options, ({ facts, sessions, imdsv2, tokens }) => {
    const pod = samplePod('web', { grants: [sampleGrant({ role: facts.role })] });
    const ask = agentEndpoint({
      callers: { of: () => ({ kind: 'workload', workload: pod }), known: () => undefined },
      endpoints: openPodEndpoints({ sessionsOf: () => sessions, host: facts, imdsv2, tokens }),
      tokens: { verifyAgentToken: () => Promise.reject(new Error('a token was sent')) },
      imdsv2,
      isUnknownBlocked: true,
      clock: systemClock,
      onRefused: () => {},
      onUnchecked: () => {},
    });
    const connection = new Socket();
    return {
      endpoint: (request) => ask(request, connection),
      instanceId: instanceIdFor(pod.name),
    };
  });
}

/** Both servers of workloads; what they answer is the same. */
export const WORKLOADS = { sidecar: workload, agent: workloadOfAgent } as const;
