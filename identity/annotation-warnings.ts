import { KUBE2IAM_POD_ANNOTATION } from '../lib/contract/kube2iam.ts';
import { asText } from '../lib/json/json.ts';
import { type Annotated, type AnnotatedInput, annotatedOf, THIS_POD } from './annotated.ts';
import { kube2iamWarnings, misplacedWarnings } from './annotations/places.ts';
import { misspeltWarnings } from './annotations/warnings.ts';
import type { PodIdentity } from './pod-identity.ts';
import { quote, warningLine } from './warning.ts';

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
    ...externalIdWarnings(annotated),
    // The role of EKS Pod Identity is not known here.
    ...(identity?.kind === 'container-credentials'
      ? unusedPodRoleWarnings(annotated)
      : kube2iamWarnings(placed, roleArnsOf(identity))),
  ];
}

/** Returns a warning for a role that the pod names, and that EKS Pod Identity comes before. */
function unusedPodRoleWarnings({ pod, podRoleAnnotation: key }: Annotated): readonly string[] {
  const given = key === undefined ? undefined : asText(pod[key]);
  if (!given) return [];
  const problem = `annotation ${key} is ${quote(given)} and has no effect, since EKS Pod Identity gives the pod its role`;
  const remedy = 'remove it, or the ServiceAccount from the container credentials config';
  return [warningLine({ object: THIS_POD, problem, remedy })];
}

/**
 * Returns a warning for an external ID. AssumeRoleWithWebIdentity has no such parameter: the trust policy
 * names the ServiceAccount instead. [sts]
 */
function externalIdWarnings({ pod, podRoleAnnotation }: Annotated): readonly string[] {
  const key = KUBE2IAM_POD_ANNOTATION.externalId;
  if (podRoleAnnotation === undefined || !asText(pod[key])) return [];
  const problem = `annotation ${key} has no effect, since a role that trusts the ServiceAccount needs no external ID`;
  const remedy = 'remove it, and do not demand sts:ExternalId in the trust statement for the ServiceAccount';
  return [warningLine({ object: THIS_POD, problem, remedy })];
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
