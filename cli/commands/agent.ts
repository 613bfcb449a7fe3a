import { randomBytes } from 'node:crypto';
import { runAgent } from '../../agent/run-agent.ts';
import { agentSettings } from '../../agent/settings.ts';
import { systemClock } from '../../lib/clock.ts';
import { createLogger } from '../../lib/logger.ts';
import { defineCommand } from '../command.ts';

export const agent = defineCommand({
  description: `Serves all pods of a node that have a role in agent mode (podrole.dev/sidecar: agent), in one process: instance metadata (IMDSv1 and v2) and container credentials, as the sidecar does for one pod. podrole redirect --node leads the metadata addresses of the pods to it.

Which pod asks is certain, or the request is refused: with 503 while the pod may still become known, with 403 for pods without a role and for everybody else. A pod never gets the role of another pod or of the node, and nothing is ever forwarded. An SDK that sends the token of the pod (AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE) needs no address.

It reads the token of each pod from kubelet's folder, and exchanges it at STS. It has no role of its own. Only its own variables decide about STS, never those of a pod: AWS_ENDPOINT_URL_STS, or else AWS_ENDPOINT_URL, selects another one, AWS_CA_BUNDLE adds CAs to the public ones, HTTPS_PROXY and NO_PROXY select a proxy.

On SIGTERM it goes on until the next agent of the node is ready, for at most the time of --shutdown-delay. Both listen on the same port then.`,
  examples: [
    ['agent', 'In a DaemonSet that sets PODROLE_NODE_NAME and AWS_REGION'],
    [
      'agent --node-name worker-1 --region eu-central-1 --cluster-name production',
      'With a cluster name, for target roles',
    ],
    ['agent --service-account-roles', 'Also for pods that the EKS Pod Identity webhook prepared'],
  ],
  settings: agentSettings,
  run: async (settings, { stdout, env, signal, serveUntilSignal }) => {
    await serveUntilSignal(() =>
      runAgent(settings, {
        logger: createLogger(settings.logLevel, stdout),
        clock: systemClock,
        random: Math.random,
        randomBytes,
        env,
        signal,
      }),
    );
    return 'done';
  },
});
