import { type ApiClient, describeAnswer, type Limits } from '../../kubernetes/api-client.ts';
import { apiPath } from '../../kubernetes/api-path.ts';
import { remedyFor } from '../../kubernetes/api-refusal.ts';
import { listObjects } from '../../kubernetes/read/list-objects.ts';
import { PodroleError } from '../../lib/errors.ts';
import { asObject, type JsonObject } from '../../lib/json/json.ts';
import { controllerOf, describeWorkload, type Workload, workloadPath } from './workload.ts';
import type { RunningPods } from './workloads-to-restart.ts';

/**
 * Reads the pods of a ServiceAccount by one list, and each of their owners by one GET.
 * @throws PodroleError `API_REFUSED`, and the faults of `get`
 */
export async function readPods(
  client: ApiClient,
  namespace: string,
  serviceAccount: string,
  limits: Limits,
): Promise<RunningPods> {
  const path = apiPath('/api/v1', 'namespaces', namespace, 'pods');
  const pods: JsonObject[] = [];
  const owners = new Map<string, JsonObject>();
  const fieldSelector = `spec.serviceAccountName=${serviceAccount}`;
  for await (const pod of listObjects(client, path, { fieldSelector }, limits)) {
    pods.push(pod);
    let owner = controllerOf(pod);
    while (owner && !owners.has(describeWorkload(owner))) {
      const object = await readOwner(client, owner, limits);
      if (!object) break;
      owners.set(describeWorkload(owner), object);
      owner = controllerOf(object);
    }
  }
  return { pods, owners };
}

/** Undefined if podrole does not know its kind, or if it is gone. */
async function readOwner(
  client: ApiClient,
  owner: Workload,
  limits: Limits,
): Promise<JsonObject | undefined> {
  const path = workloadPath(owner);
  if (path === undefined) return undefined;
  const answer = await client.get(path, limits);
  if (answer.status === 404) return undefined;
  if (answer.status === 200) return asObject(answer.body);
  throw new PodroleError({
    code: 'API_REFUSED',
    object: describeWorkload(owner),
    problem: `API server ${describeAnswer(answer)}`,
    remedy: remedyFor(answer, 'use a kubeconfig whose user may read it'),
  });
}
