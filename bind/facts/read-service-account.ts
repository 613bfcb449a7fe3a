import { type ApiAnswer, type ApiClient, describeAnswer } from '../../kubernetes/api-client.ts';
import { CLUSTER_TIMEOUT_MS } from '../../kubernetes/command-timeout.ts';
import { namespacePath, serviceAccountPath } from '../../kubernetes/core-paths.ts';
import { PodroleError } from '../../lib/errors.ts';
import { asObject } from '../../lib/json/json.ts';
import type { ServiceAccountFacts } from './service-account-facts.ts';

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
  if (answer.status !== 404) throw refused(path, answer);
  const parent = namespacePath(namespace);
  const ofNamespace = await get(parent);
  if (ofNamespace.status !== 200 && ofNamespace.status !== 404) throw refused(parent, ofNamespace);
  return { hasNamespace: ofNamespace.status === 200, object: undefined };
}

function refused(path: string, answer: ApiAnswer): PodroleError {
  return new PodroleError({
    code: 'API_REFUSED',
    object: `API server ${path}`,
    problem: describeAnswer(answer),
    remedy: 'use a kubeconfig that may read it, or --role-only',
  });
}
