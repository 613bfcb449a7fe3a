import { apiPath } from './api-path.ts';

export const NAMESPACES_PATH = apiPath('/api/v1', 'namespaces');

/** @throws PodroleError `INVALID_NAME` */
export function namespacePath(namespace: string): string {
  return apiPath('/api/v1', 'namespaces', namespace);
}

/**
 * Path of the ServiceAccounts of a namespace.
 * @throws PodroleError `INVALID_NAME`
 */
export function serviceAccountsPath(namespace: string): string {
  return apiPath('/api/v1', 'namespaces', namespace, 'serviceaccounts');
}

/** @throws PodroleError `INVALID_NAME` */
export function serviceAccountPath(namespace: string, name: string): string {
  return apiPath('/api/v1', 'namespaces', namespace, 'serviceaccounts', name);
}

/**
 * Path of the pods of a namespace, or of one of them.
 * @throws PodroleError `INVALID_NAME`
 */
export function podsPath(namespace: string, ...name: readonly string[]): string {
  return apiPath('/api/v1', 'namespaces', namespace, 'pods', ...name);
}

/** @throws PodroleError `INVALID_NAME` */
export function eventsPath(namespace: string): string {
  return apiPath('/api/v1', 'namespaces', namespace, 'events');
}

/**
 * Path of the MutatingWebhookConfigurations, or of one of them.
 * @throws PodroleError `INVALID_NAME`
 */
export function mutatingWebhooksPath(...name: readonly string[]): string {
  return apiPath('/apis/admissionregistration.k8s.io/v1', 'mutatingwebhookconfigurations', ...name);
}
