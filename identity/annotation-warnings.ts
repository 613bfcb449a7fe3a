import { type Annotated, type AnnotatedInput, annotatedOf, THIS_POD } from './annotated.ts';
import { kube2iamWarnings, misplacedWarnings } from './annotations/places.ts';
import { misspeltWarnings } from './annotations/warnings.ts';
import type { PodIdentity } from './pod-identity.ts';

/** Returns the warnings about annotations that have no effect where they are, or at all. */
export function annotationWarnings(
  annotated: Annotated,
  identity: PodIdentity | undefined,
): readonly string[] {
  const { object, own, pod } = annotated;
  const placed = { ...annotated, podObject: THIS_POD };
  return [
    ...misspeltWarnings({ ...annotated, place: 'ServiceAccount', object, annotations: own }),
    ...misspeltWarnings({ ...annotated, place: 'pod', object: THIS_POD, annotations: pod }),
    ...misplacedWarnings(placed),
    // The role of EKS Pod Identity is not known here.
    ...(identity?.kind === 'container-credentials' ? [] : kube2iamWarnings(placed, roleArnsOf(identity))),
  ];
}

/**
 * Returns the warnings about annotations of a pod whose ServiceAccount is unknown: only those that do not
 * depend on a role.
 */
export function warningsWithoutServiceAccount(
  input: Omit<AnnotatedInput, 'serviceAccount'>,
): readonly string[] {
  const annotated = annotatedOf({ ...input, serviceAccount: undefined });
  return [
    ...misspeltWarnings({ ...annotated, place: 'pod', object: THIS_POD, annotations: annotated.pod }),
    ...misplacedWarnings({ ...annotated, podObject: THIS_POD }),
  ];
}

function roleArnsOf(identity: PodIdentity | undefined): readonly string[] {
  if (identity?.kind !== 'web-identity') return [];
  const { role, containerRoles } = identity;
  return [...(role ? [role] : []), ...containerRoles].map(({ roleArn }) => roleArn);
}
