import { stsAddress } from '../credentials/exchange/sts-address.ts';
import { recordExchange } from '../credentials/pool/record-exchange.ts';
import { createApiClient } from '../kubernetes/api-client.ts';
import { loadKubeConfig } from '../kubernetes/kube-config.ts';
import { LINK_FILES, linkFinder } from '../lib/network/links.ts';
import type { CallerFinder } from '../metadata/workloads/caller.ts';
import { createCallerFinder } from './caller/find-caller.ts';
import { readBootTime } from './caller/witness/boot-time.ts';
import { podsFolderProblems } from './caller/witness/pods-folder-problems.ts';
import { podFoldersReader } from './caller/witness/read-pod-folders.ts';
import { createRefusalReporter } from './events/report-refusals.ts';
import type { NodePod } from './pods/node-pod.ts';
import { type NodePods, openNodePods } from './pods/node-pods.ts';
import { exchangeForPods } from './sessions/exchange-for-pods.ts';
import { openPodSessions, type PodSessions } from './sessions/sessions-of-pods.ts';
import type { AgentSettings } from './settings.ts';
import type { MeasuredAgent } from './surroundings.ts';
import { openClusterKeys } from './tokens/cluster-keys.ts';
import { openServiceAccountRoles } from './tokens/service-account-roles.ts';
import { type AgentTokenVerifier, createAgentTokenVerifier } from './tokens/verify-agent-token.ts';

/** The agent's view of its node: who asks, and what each pod gets. */
export interface OpenNode {
  readonly pods: NodePods;
  readonly finder: CallerFinder<NodePod>;
  readonly tokens: AgentTokenVerifier;
  readonly sessions: PodSessions;
  /** Returns why kubelet's folder of pods is of no use, each as a sentence. */
  readonly folderProblems: () => readonly string[];
  readonly close: () => Promise<void>;
}

const BOOT_TIME_FILE = '/proc/stat';

/**
 * Begins to follow the pods of the node.
 * @throws PodroleError with the fault of the settings, or of the kubeconfig
 */
export function openNode(settings: AgentSettings, surroundings: MeasuredAgent): OpenNode {
  const { clock, env, logger, metrics } = surroundings;
  const { monotonicMs } = clock;
  const { sessionDuration: durationSeconds } = settings;
  // No pod can name another STS: the agent is on the network of the node.
  const sts = { ...stsAddress(settings.region, env), durationSeconds };
  const client = createApiClient(loadKubeConfig(settings, env), env);
  const pods = openNodePods({
    ...surroundings,
    client,
    nodeName: settings.nodeName,
    onList: metrics.listed,
  });
  const finder = createCallerFinder({
    pods,
    readFolders: podFoldersReader(settings.kubeletPodsFolder),
    findLink: linkFinder(LINK_FILES),
    bootedMs: () => readBootTime(BOOT_TIME_FILE),
    clock,
    onVerdict: metrics.found,
  });
  const { annotationPrefix, serviceAccountRoles } = settings;
  const tokens = createAgentTokenVerifier({
    keys: openClusterKeys({ client, monotonicMs }),
    pods,
    roles: serviceAccountRoles
      ? openServiceAccountRoles({ client, annotationPrefix, monotonicMs })
      : undefined,
    clock,
  });
  const refusals = settings.events
    ? createRefusalReporter({ client, clock, logger, count: metrics.eventOffered })
    : undefined;
  const sessions = openPodSessions({
    ...surroundings,
    exchange: exchangeForPods({ ...settings, sts, clock }),
    onRefused: metrics.sessionRefused,
    onResult: (pod, grant, result) => {
      const { role, target } = grant;
      const subject = { pod: `${pod.namespace}/${pod.name}`, role: role.arn, target: target?.role.arn };
      recordExchange({ logger, count: metrics.exchanged }, subject, result);
      refusals?.report(pod, grant, result);
    },
  });
  return {
    pods,
    finder,
    tokens,
    sessions,
    folderProblems: () => podsFolderProblems(settings.kubeletPodsFolder, pods.pods()),
    close: async () => {
      sessions.stop();
      await Promise.all([pods.close(), refusals?.stop()]);
      client.close();
    },
  };
}
