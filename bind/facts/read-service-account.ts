import type { ApiClient } from '../../kubernetes/api-client.ts';
import { apiRefused } from '../../kubernetes/api-refusal.ts';
import { CLUSTER_TIMEOUT_MS } from '../../kubernetes/command-timeout.ts';
import { namespacePath, serviceAccountPath } from '../../kubernetes/core-paths.ts';
import { asObject } from '../../lib/json/json.ts';
import type { ServiceAccountFacts } from './service-account-facts.ts';

const REMEDY = 'use a kubeconfig whose user may read it';

/**
 * Reads a ServiceAccount. If it does not exist, reads whether its namespace exists.
 * @throws PodroleError `API_REFUSED` if the API server does not say, `API_UNREACHABLE`
 */
export async function readServiceAccount(
  cluster: ApiClient,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<ServiceAccountFacts> {
  const get = (path: string) => cluster.get(path, { timeoutMs: CLUSTER_TIMEOUT_MS, signal });
  const path = serviceAccountPath(namespace, name);
  const answer = await get(path);
  if (answer.status === 200) return { hasNamespace: true, object: asObject(answer.body) };
  if (answer.status !== 404) throw apiRefused(path, answer, REMEDY);
  const parent = namespacePath(namespace);
  const ofNamespace = await get(parent);
  if (ofNamespace.status !== 200 && ofNamespace.status !== 404) throw apiRefused(parent, ofNamespace, REMEDY);
  return { hasNamespace: ofNamespace.status === 200, object: undefined };
}
