import { isNamespaceName, isObjectName, NAMESPACE_RULE, OBJECT_NAME_RULE } from '../kubernetes-names.ts';
import { type Certain, matching, type Optional } from './kinds.ts';
import type { Setting } from './settings.ts';

export function namespace(options: Certain<string>): Setting<string>;
export function namespace(options: Optional): Setting<string | undefined>;
export function namespace(options: Certain<string> | Optional): Setting<string | undefined> {
  return matching({
    ...options,
    value: '<namespace>',
    pattern: { test: isNamespaceName },
    expected: `a namespace: ${NAMESPACE_RULE}`,
  });
}

/** Name of a Secret, a Lease or another object whose name is a DNS subdomain. */
export function objectName(options: Certain<string>): Setting<string> {
  return matching({
    ...options,
    value: '<name>',
    pattern: { test: isObjectName },
    expected: `a name: ${OBJECT_NAME_RULE}`,
  });
}
