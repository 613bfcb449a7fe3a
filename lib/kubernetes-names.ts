import { DNS_SUBDOMAIN_MAX_LENGTH } from './contract/kubernetes.ts';
import { matching, type Setting } from './settings/settings.ts';

/**
 * Names of objects as the API server validates them. [k8s] "Object Names and IDs": a namespace is a label of RFC 1123, up to 63
 * characters; a ServiceAccount and most other objects are a subdomain of RFC 1123, up to 253 characters, whose labels have no limit of
 * their own.
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

/** True for the name of a ServiceAccount, a Secret, a Lease and most others. */
export function isObjectName(text: string): boolean {
  return text.length <= DNS_SUBDOMAIN_MAX_LENGTH && SUBDOMAIN.test(text);
}

/** The namespace and the name in `NAMESPACE/NAME`; undefined for anything else. */
export function parseQualifiedName(text: string): { namespace: string; name: string } | undefined {
  const [namespace = '', name = '', ...more] = text.split('/');
  return more.length === 0 && isNamespaceName(namespace) && isObjectName(name)
    ? { namespace, name }
    : undefined;
}

type Extras = Parameters<typeof matching>[5];

export function namespaceSetting(fallback: string, help: string, extras: Extras = {}): Setting<string> {
  const expected = `a namespace: ${NAMESPACE_RULE}`;
  return matching({ test: isNamespaceName }, expected, '<namespace>', fallback, help, extras);
}

export function optionalNamespace(help: string, extras: Extras = {}): Setting<string | undefined> {
  return { ...namespaceSetting('', help, extras), fallback: undefined };
}

export function objectNameSetting(fallback: string, help: string, extras: Extras = {}): Setting<string> {
  return matching({ test: isObjectName }, `a name: ${OBJECT_NAME_RULE}`, '<name>', fallback, help, extras);
}
