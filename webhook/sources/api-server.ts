import {
  type ServiceAccountFacts,
  type ServiceAccountSource,
  toServiceAccountFacts,
} from '../../identity/service-accounts.ts';
import { serviceAccountPath } from '../../kubernetes/core-paths.ts';
import { isNamespaceName, isObjectName } from '../../lib/kubernetes-names.ts';
import { createLiveLookup, type LiveLookup } from './lookup/live-lookup.ts';

export interface ApiServerSource extends Omit<LiveLookup<ServiceAccountFacts>, 'kind'> {
  readonly annotationPrefix: string;
}

/** Creates a source of the ServiceAccounts of an API server: the watch, else one GET. */
export function apiServerSource(options: ApiServerSource): ServiceAccountSource {
  const { annotationPrefix } = options;
  const find = createLiveLookup({
    ...options,
    kind: {
      describe: (namespace, name) => `ServiceAccount ${namespace}/${name}`,
      resource: 'serviceaccounts',
      path: serviceAccountPath,
      keep: (object, namespace) => toServiceAccountFacts(object, annotationPrefix, namespace),
    },
  });
  return {
    // No object can have another name, and a valid name is always one segment of a path.
    find: async (namespace, name) =>
      isNamespaceName(namespace) && isObjectName(name) ? find(namespace, name) : undefined,
  };
}
