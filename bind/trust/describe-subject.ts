export const SUBJECT_PREFIX = 'system:serviceaccount:';

/** The subject of a ServiceAccount's tokens. [k8s] "Managing Service Accounts" */
export function subjectOf(namespace: string, name: string): string {
  return `${SUBJECT_PREFIX}${namespace}:${name}`;
}

/** Who gets in by a subject of StringLike, in words. */
export function describeSubject(pattern: string): string {
  if (!/[*?]/.test(pattern)) return pattern;
  const [namespace, name, ...more] = pattern.startsWith(SUBJECT_PREFIX)
    ? pattern.slice(SUBJECT_PREFIX.length).split(':')
    : [];
  if (pattern.replaceAll('*', '') === '' || (namespace === '*' && name === undefined)) {
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
  return namespace === '*' && name === '*' ? 'every ServiceAccount of the cluster' : `${who} of ${where}`;
}

function isPattern(text: string): boolean {
  return /[*?]/.test(text);
}
