import { isNamespaceName, isObjectName } from '../../lib/kubernetes-names.ts';
import { globMatches } from '../../lib/text/glob.ts';

export const SUBJECT_PREFIX = 'system:serviceaccount:';
/** `system`, `serviceaccount`, the namespace, the name. */
const SUBJECT_PARTS = 4;

/** Returns the subject of a ServiceAccount's tokens. [k8s] "Managing Service Accounts" */
export function subjectOf(namespace: string, name: string): string {
  return `${SUBJECT_PREFIX}${namespace}:${name}`;
}

/**
 * True if some ServiceAccount can have the subject, or one that matches the pattern. `system:serviceaccount:`
 * alone, a namespace without a name, and capitals let nobody in.
 */
export function canBeSubject(pattern: string): boolean {
  if (!isPattern(pattern)) {
    if (!pattern.startsWith(SUBJECT_PREFIX)) return false;
    const [namespace = '', name = '', ...more] = pattern.slice(SUBJECT_PREFIX.length).split(':');
    return more.length === 0 && isNamespaceName(namespace) && isObjectName(name);
  }
  const [literalHead = ''] = pattern.split(/[*?]/, 1);
  return (
    (literalHead.startsWith(SUBJECT_PREFIX) || SUBJECT_PREFIX.startsWith(literalHead)) &&
    /^[a-z0-9.:*?-]*$/.test(pattern) &&
    pattern.split(':').length <= SUBJECT_PARTS
  );
}

/** Subjects that have only the prefix in common. */
const UNLIKE_EACH_OTHER = ['a:0', 'kube-system:default', '0-9:x.y.z'].map(
  (rest) => `${SUBJECT_PREFIX}${rest}`,
);

/** Describes who gets in by a subject of StringLike. */
export function describeSubject(pattern: string): string {
  if (!isPattern(pattern)) return pattern;
  const [namespace, name, ...more] = pattern.startsWith(SUBJECT_PREFIX)
    ? pattern.slice(SUBJECT_PREFIX.length).split(':')
    : [];
  if (UNLIKE_EACH_OTHER.every((subject) => globMatches(pattern, subject))) {
    return 'every ServiceAccount of the cluster';
  }
  // A `*` in place of the namespace also matches colons.
  if (namespace === undefined || name === undefined || more.length > 0) {
    return `every ServiceAccount whose subject is like ${pattern}`;
  }
  return `${describeName('ServiceAccount', name)} of ${describeName('namespace', namespace)}`;
}

function describeName(kind: string, pattern: string): string {
  if (pattern === '*') return `every ${kind}`;
  return isPattern(pattern) ? `every ${kind} like ${pattern}` : `${kind} ${pattern}`;
}

function isPattern(text: string): boolean {
  return /[*?]/.test(text);
}
