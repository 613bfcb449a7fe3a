import { DNS_SUBDOMAIN_MAX_LENGTH } from './contract/kubernetes.ts';

/**
 * Names of objects as the API server validates them. [k8s] "Object Names and IDs". A namespace is a label of
 * RFC 1123, up to 63 characters. A ServiceAccount, like most other objects, is a subdomain of RFC 1123, up to
 * 253 characters; its labels have no limit of their own.
 */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;

/** Rules of each kind of name, for messages. */
export const NAMESPACE_RULE =
  'up to 63 of the characters a-z, 0-9 and -, with a letter or digit at either end';
export const OBJECT_NAME_RULE =
  'up to 253 of the characters a-z, 0-9, - and ., with a letter or digit at either end and on both sides of each .';

export function isNamespaceName(text: string): boolean {
  return LABEL.test(text);
}

/** Returns true for the name of a ServiceAccount, a Secret, a Lease or most other objects. */
export function isObjectName(text: string): boolean {
  return text.length <= DNS_SUBDOMAIN_MAX_LENGTH && SUBDOMAIN.test(text);
}

/** Parses `NAMESPACE/NAME`; undefined for anything else. */
export function parseQualifiedName(text: string): { namespace: string; name: string } | undefined {
  const [namespace = '', name = '', ...more] = text.split('/');
  return more.length === 0 && isNamespaceName(namespace) && isObjectName(name)
    ? { namespace, name }
    : undefined;
}
