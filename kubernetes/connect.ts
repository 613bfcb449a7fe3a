import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Env } from '../lib/surroundings.ts';
import { type ApiClient, createApiClient } from './api-client.ts';
import { type ClusterChoice, loadKubeConfig } from './kube-config.ts';

/**
 * Opens a client for the cluster that kubectl would use.
 * @throws PodroleError `NO_CLUSTER`, `INVALID_KUBECONFIG`
 */
export function connect(choice: ClusterChoice, env: Env): ApiClient {
  const kubeconfig = choice.kubeconfig ?? (env['KUBECONFIG'] ? undefined : homeKubeconfig(env));
  return createApiClient(loadKubeConfig({ ...choice, kubeconfig, missingFile: '~/.kube/config' }, env), env);
}

function homeKubeconfig({ HOME: home }: Env): string | undefined {
  const path = home && join(home, '.kube', 'config');
  return path && existsSync(path) ? path : undefined;
}
