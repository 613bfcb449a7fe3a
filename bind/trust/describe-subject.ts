import { isNamespaceName, isObjectName } from '../../lib/kubernetes-names.ts';
import { globMatches } from '../../lib/text/glob.ts';

export const SUBJECT_PREFIX = 'system:serviceaccount:';
/** `system`, `serviceaccount`, the namespace, the name. */
const SUBJECT_PARTS = 4;

/** The subject of a ServiceAccount's tokens. [k8s] "Managing Service Accounts" */
export function subjectOf(namespace: string, name: string): string {
  return `${SUBJECT_PREFIX}${namespace}:${name}`;
}

/**
 * True where some ServiceAccount can have the subject, or one like the pattern: `system:serviceaccount:` alone, a namespace without
 * a name and capitals let nobody in.
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

/** Subjects that have nothing in common but the prefix. */
const UNLIKE_EACH_OTHER = ['a:0', 'kube-system:default', '0-9:x.y.z'].map(
  (rest) => `${SUBJECT_PREFIX}${rest}`,
);

/** Who gets in by a subject of StringLike, in words. */
export function describeSubject(pattern: string): string {
  if (!/[*?]/.test(pattern)) return pattern;
  const [namespace, name, ...more] = pattern.startsWith(SUBJECT_PREFIX)
    ? pattern.slice(SUBJECT_PREFIX.length).split(':')
    : [];
  if (UNLIKE_EACH_OTHER.every((subject) => globMatches(pattern, subject))) {
    return 'every ServiceAccount of the cluster';
  }
  // A `*` in the namespace's place runs on over the colon.
  if (namespace === undefined || name === undefined || more.length > 0) {
    return `every ServiceAccount whose subject is like ${pattern}`;
  }
  const who =
    name === '*'
      ? 'every ServiceAccount'
      : isPattern(name)
        ? `every ServiceAccount like ${name}`
        : `ServiceAccount ${name}`;
  const where =
    namespace === '*'
      ? 'every namespace'
      : isPattern(namespace)
        ? `every namespace like ${namespace}`
        : `namespace ${namespace}`;
  return `${who} of ${where}`;
}

function isPattern(text: string): boolean {
  return /[*?]/.test(text);
}
