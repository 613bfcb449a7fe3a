import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Env } from '../lib/surroundings.ts';
import { type ApiClient, createApiClient } from './api-client.ts';
import { type ClusterChoice, loadKubeConfig, readContexts } from './kube-config.ts';

/**
 * Opens a client for the cluster that kubectl would use.
 * @throws PodroleError `NO_CLUSTER`, `INVALID_KUBECONFIG`
 */
export function connect(choice: ClusterChoice, env: Env): ApiClient {
  return createApiClient(kubeConfigOf(choice, env), env);
}

/**
 * Opens a client for the same cluster, as somebody else: whom a token names.
 * @throws PodroleError `NO_CLUSTER`, `INVALID_KUBECONFIG`
 */
export function connectWithToken(choice: ClusterChoice, env: Env, token: string): ApiClient {
  const config = kubeConfigOf(choice, env);
  const cluster = config.getCurrentCluster();
  if (cluster) config.loadFromClusterAndUser(cluster, { name: 'token', token });
  return createApiClient(config, env);
}

/** Names in the kubeconfig for the cluster that `connect` would open. */
export interface ClusterNames {
  readonly context: string;
  /** Name of the cluster's entry. */
  readonly cluster: string;
  readonly server: string;
}

/**
 * Returns the names of the cluster that kubectl would use, without a call to it.
 * @throws PodroleError `NO_CLUSTER`, `INVALID_KUBECONFIG`
 */
export function clusterNames(choice: ClusterChoice, env: Env): ClusterNames {
  const config = kubeConfigOf(choice, env);
  const { name = '', server = '' } = config.getCurrentCluster() ?? {};
  return { context: config.getCurrentContext(), cluster: name, server };
}

/**
 * Returns the names of the contexts in the kubeconfig that kubectl would use.
 * @throws PodroleError `INVALID_KUBECONFIG`
 */
export function contextNames({ kubeconfig }: Pick<ClusterChoice, 'kubeconfig'>, env: Env): readonly string[] {
  const home = env['KUBECONFIG'] ? undefined : homeKubeconfig(env);
  return readContexts(kubeconfig ?? home, env);
}

/**
 * Loads the kubeconfig that kubectl would use.
 * @throws PodroleError `NO_CLUSTER`, `INVALID_KUBECONFIG`
 */
export function kubeConfigOf(choice: ClusterChoice, env: Env): KubeConfig {
  const kubeconfig = choice.kubeconfig ?? (env['KUBECONFIG'] ? undefined : homeKubeconfig(env));
  return loadKubeConfig({ ...choice, kubeconfig, missingFile: '~/.kube/config' }, env);
}

function homeKubeconfig({ HOME: home }: Env): string | undefined {
  const path = home && join(home, '.kube', 'config');
  return path && existsSync(path) ? path : undefined;
}
