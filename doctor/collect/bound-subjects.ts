import type { ApiClient, Limits } from '../../kubernetes/api-client.ts';
import { apiPath } from '../../kubernetes/api-path.ts';
import { serviceAccountsPath } from '../../kubernetes/core-paths.ts';
import { listObjects } from '../../kubernetes/read/list-objects.ts';
import { PodroleError } from '../../lib/errors.ts';
import { DEFAULT_NAMESPACE } from '../../lib/operands/service-accounts.ts';
import type { Subject } from '../../lib/operands/subjects.ts';
import type { DoctorSettings } from '../settings.ts';
import { annotatedGrants, type GrantSettings } from './cluster/grants.ts';
import { narrowServiceAccount } from './cluster/narrow/narrow-service-account.ts';

interface Bound {
  readonly client: Pick<ApiClient, 'getPage'>;
  readonly limits: Limits;
  readonly settings: Pick<DoctorSettings, 'allNamespaces' | 'namespace'>;
  readonly grants: GrantSettings;
}

/**
 * Returns every ServiceAccount of a namespace, or of the cluster, whose annotations name a role.
 * @throws PodroleError `NOTHING_TO_JUDGE`; `API_REFUSED` if they cannot be listed
 */
export async function boundSubjects({
  client,
  limits,
  settings,
  grants,
}: Bound): Promise<readonly Subject[]> {
  const namespace = settings.allNamespaces ? undefined : (settings.namespace ?? DEFAULT_NAMESPACE);
  const path =
    namespace === undefined ? apiPath('/api/v1', 'serviceaccounts') : serviceAccountsPath(namespace);
  const subjects: Subject[] = [];
  for await (const object of listObjects(client, path, {}, limits)) {
    const found = narrowServiceAccount(object, grants.annotationPrefix);
    if (found && annotatedGrants(found, grants).length > 0)
      subjects.push({ kind: 'serviceaccount', namespace: found.namespace, name: found.name });
  }
  if (subjects.length > 0) return subjects;
  throw new PodroleError({
    code: 'NOTHING_TO_JUDGE',
    object: namespace === undefined ? 'cluster' : `namespace ${namespace}`,
    problem: 'has no ServiceAccount whose annotations name a role',
    remedy: 'name a pod or a ServiceAccount, or give one a role: podrole bind',
  });
}
