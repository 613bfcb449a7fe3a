import type { ApiClient } from '../../kubernetes/api-client.ts';
import { apiPath } from '../../kubernetes/api-path.ts';
import { NAMESPACES_PATH } from '../../kubernetes/core-paths.ts';
import { listObjects } from '../../kubernetes/read/list-objects.ts';
import type { Progress } from '../../lib/surroundings.ts';
import { type NamespaceFacts, toNamespaceFacts } from '../namespace-facts.ts';
import type { FoundUse } from './policy-report.ts';
import { type NamingSettings, rolesOfPod, rolesOfServiceAccount } from './roles-of-objects.ts';

export interface CollectInput extends NamingSettings {
  readonly client: ApiClient;
  /** Undefined for all. */
  readonly namespace: string | undefined;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

const TIMEOUT_MS = 30_000;

/**
 * Lists namespaces, ServiceAccounts and pods, and returns the roles that they name. A role of a pod that its
 * ServiceAccount names too is left out. Pods that use the same role in the same way count once.
 * @throws PodroleError if they cannot be listed
 */
export async function collectUses(input: CollectInput): Promise<{
  readonly namespaces: readonly NamespaceFacts[];
  readonly uses: readonly FoundUse[];
}> {
  const { client, namespace, signal, progress } = input;
  const limits = { timeoutMs: TIMEOUT_MS, signal };
  const pathOf = (resource: string) =>
    apiPath('/api/v1', ...(namespace === undefined ? [] : ['namespaces', namespace]), resource);

  const namespaces: NamespaceFacts[] = [];
  const selector = namespace === undefined ? {} : { fieldSelector: `metadata.name=${namespace}` };
  for await (const object of listObjects(client, NAMESPACES_PATH, selector, limits)) {
    const facts = toNamespaceFacts(object);
    if (facts && (namespace === undefined || facts.name === namespace)) namespaces.push(facts);
  }
  const uses = new Map<string, FoundUse>();
  const keep = (use: FoundUse, kind: string) => {
    const key = JSON.stringify([use.namespace, use.serviceAccount, use.roleArn, kind]);
    if (!uses.has(key)) uses.set(key, use);
  };
  for await (const object of listObjects(client, pathOf('serviceaccounts'), {}, limits)) {
    for (const use of rolesOfServiceAccount(object, input)) keep(use, 'service-account');
    progress.show('reading ServiceAccounts', uses.size);
  }
  let pods = 0;
  for await (const object of listObjects(client, pathOf('pods'), {}, limits)) {
    for (const use of rolesOfPod(object, input)) keep(use, use.namedBy);
    pods += 1;
    progress.show('reading pods', pods);
  }
  return { namespaces, uses: [...uses.values()] };
}
