import path from 'node:path';
import { createNamespace } from '../../cluster/api-objects.ts';
import type { PodNetworkOptions } from '../../node/configs.ts';
import { type NodeCluster, startNodeCluster } from '../../node/node-cluster.ts';
import type { ClusterNode } from '../../node/start-node.ts';
import { startStsForPods } from '../aws/aws-for-pods.ts';
import { type EndingSessions, startEndingSessions } from '../aws/ending-sessions.ts';
import { ISSUER } from '../aws/publisher.ts';
import { createServiceAccount } from '../pods/pods.ts';
import { startSite, type TemporarySite } from '../temporary-site.ts';
import { type AgentProcess, createAgentAccount, keepRules, startAgent } from './agent-process.ts';
import { type Account, churn, type Life } from './churn.ts';
import { type Collector, startCollector } from './collector.ts';

export const NAMESPACE = 'churn';
const SESSION_SECONDS = 3_600;
const ACCOUNTS_WITHOUT_ROLE = 12;

export interface ChurnSite extends TemporarySite {
  readonly cluster: NodeCluster;
  readonly node: ClusterNode;
  readonly collector: Collector;
  readonly accounts: readonly Account[];
  /** The STS, and its record of what it exchanged: the truth about each access key. */
  readonly sts: EndingSessions;
  /** Starts an agent. @param apiServer URL of the API server for it */
  startAgent(apiServer?: string): Promise<AgentProcess>;
  /** Starts and ends pods. */
  churn(options: {
    readonly slots: number;
    readonly lives: number;
    readonly seed: number;
    readonly killedSandboxes?: number;
  }): Promise<readonly Life[]>;
}

export interface ChurnSiteOptions {
  readonly roles: number;
  readonly podNetwork: PodNetworkOptions;
}

/** A node with the rules of the agent, an STS with many roles, and what judges each answer to its pods. */
export function startChurnSite({ roles, podNetwork }: ChurnSiteOptions): Promise<ChurnSite> {
  return startSite(async (site) => {
    const folder = process.env['PODROLE_E2E_IMAGES'] ?? '';
    const images = ['pause.tar', 'asker.tar'].map((archive) => path.join(folder, archive));
    const cluster = await startNodeCluster({ issuer: ISSUER, images, podNetwork });
    site.onStop(() => cluster.stop());
    const [node] = cluster.nodes;
    if (!node) throw new Error('the cluster has no node');
    const subjects = Array.from({ length: roles }, (_, index) => ({
      namespace: NAMESPACE,
      serviceAccount: `role-${index}`,
    }));
    const upstream = await startStsForPods(cluster, cluster.address, subjects);
    site.onStop(() => upstream.stop());
    const sts = await startEndingSessions(upstream.stsUrl, SESSION_SECONDS);
    site.onStop(() => sts.stop());

    await createNamespace(cluster, NAMESPACE);
    const accounts: Account[] = subjects.map((subject) => ({
      name: subject.serviceAccount,
      role: upstream.stsRole(subject),
    }));
    for (let index = 0; index < ACCOUNTS_WITHOUT_ROLE; index += 1) {
      accounts.push({ name: `none-${index}`, role: undefined });
    }
    await Promise.all(accounts.map(({ name }) => createServiceAccount(cluster, NAMESPACE, name)));

    const collector = await startCollector(cluster.address);
    site.onStop(async () => collector.stop());
    await keepRules(node);
    const token = await createAgentAccount(cluster);
    return {
      cluster,
      node,
      collector,
      accounts,
      sts,
      startAgent: (apiServer) =>
        startAgent(cluster, {
          node,
          sts: `http://${cluster.address}:${sts.port}`,
          token,
          file: site.file,
          ...(apiServer === undefined ? {} : { apiServer }),
        }),
      churn: (options) =>
        churn({ api: cluster, node, namespace: NAMESPACE, collector, accounts, ...options }),
    };
  });
}
