import { annotationKey } from '../../lib/contract/aws-webhook.ts';
import { KUBE2IAM_ROLE_ANNOTATION } from '../../lib/contract/kube2iam.ts';
import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import { asText, type JsonObject } from '../../lib/json/json.ts';
import { quote, warningLine, withoutCredentials } from '../warning.ts';
import { annotationsOfPodRole, knownAnnotations } from './names.ts';

/** Annotations that count only on a pod, where people write them. */
function podOnlyAnnotations(annotationPrefix: string): readonly string[] {
  return [annotationKey(annotationPrefix, 'skipContainers'), PODROLE_ANNOTATION.includeContainers];
}

/** Annotations that count elsewhere, and that people write on ServiceAccounts too. */
export function notOfServiceAccounts(annotationPrefix: string): readonly string[] {
  return [...podOnlyAnnotations(annotationPrefix), PODROLE_ANNOTATION.allowedRoles];
}

/** Every annotation that counts on a pod; any other of ours counts elsewhere only. */
function annotationsOfPods(annotationPrefix: string): readonly string[] {
  return [
    ...podOnlyAnnotations(annotationPrefix),
    annotationKey(annotationPrefix, 'tokenExpiration'),
    PODROLE_ANNOTATION.sessionName,
    PODROLE_ANNOTATION.sidecar,
    PODROLE_ANNOTATION.injected,
  ];
}

export type Place = 'pod' | 'ServiceAccount';

/** Returns true if the annotation counts on that kind of object. */
export function countsOn(place: Place, key: string, annotationPrefix: string): boolean {
  const isOfNamespaces = key === PODROLE_ANNOTATION.allowedRoles;
  return place === 'pod'
    ? annotationsOfPods(annotationPrefix).includes(key)
    : !isOfNamespaces &&
        !podOnlyAnnotations(annotationPrefix).includes(key) &&
        key !== PODROLE_ANNOTATION.injected;
}

/** Returns the kind of object on which an annotation counts that is misplaced. */
export function placeOf(key: string, misplacedOn: Place): string {
  if (key === PODROLE_ANNOTATION.allowedRoles) return 'Namespace';
  return misplacedOn === 'pod' ? 'ServiceAccount' : 'pod';
}

export interface PlacedAnnotations {
  /** The pod, as warnings name it. */
  readonly podObject: string;
  readonly pod: JsonObject;
  /** The ServiceAccount, as warnings name it. */
  readonly object: string;
  readonly own: Readonly<Record<string, string>>;
  readonly annotationPrefix: string;
  /** Annotation by which a pod names its role; undefined if pods cannot name one. */
  readonly podRoleAnnotation: string | undefined;
}

/**
 * Returns a warning for each annotation on an object that does not count there, or not in that form. A pod
 * may repeat an annotation of its ServiceAccount.
 */
export function misplacedWarnings(given: PlacedAnnotations): string[] {
  const { podObject, pod, object, own, annotationPrefix, podRoleAnnotation } = given;
  const warnings: string[] = [];
  const ofPodRole = podRoleAnnotation === undefined ? [] : annotationsOfPodRole(podRoleAnnotation);
  for (const key of new Set([...knownAnnotations(annotationPrefix), ...ofPodRole])) {
    // Where it is read, it is judged.
    if (!Object.hasOwn(pod, key) || key === podRoleAnnotation) continue;
    const value = asText(pod[key]);
    if (value === undefined) {
      const problem = `annotation ${key} is not a string and has no effect`;
      warnings.push(warningLine({ object: podObject, problem, remedy: 'write its value in quotes' }));
    } else if (!ofPodRole.includes(key) && !countsOn('pod', key, annotationPrefix) && value !== own[key]) {
      const problem = `annotation ${key} is ${shown(key, value)} and has no effect on a pod`;
      const remedy = `write it on its ${placeOf(key, 'pod')}`;
      warnings.push(warningLine({ object: podObject, problem, remedy }));
    }
  }
  for (const key of notOfServiceAccounts(annotationPrefix)) {
    const value = own[key];
    if (value === undefined) continue;
    const problem = `annotation ${key} is ${quote(value)} and has no effect on a ServiceAccount`;
    const remedy = `write it on the ${placeOf(key, 'ServiceAccount')}`;
    warnings.push(warningLine({ object, problem, remedy }));
  }
  return warnings;
}

const URL_ANNOTATIONS: readonly string[] = [
  PODROLE_ANNOTATION.stsEndpointUrl,
  PODROLE_ANNOTATION.s3EndpointUrl,
];

/** Returns a value in quotes. A malformed URL may hold a password without looking like a URL. */
function shown(key: string, value: string): string {
  return quote(URL_ANNOTATIONS.includes(key) ? withoutCredentials(value) : value);
}

/**
 * Returns a warning for a role that only kube2iam or kiam reads, unless podrole gives the pod the same one or
 * reads that annotation too.
 * @param roleArns roles that podrole gives the pod
 */
export function kube2iamWarnings(given: PlacedAnnotations, roleArns: readonly string[]): string[] {
  const { podObject, pod, object, own, annotationPrefix, podRoleAnnotation } = given;
  const key = KUBE2IAM_ROLE_ANNOTATION;
  const roleKey = annotationKey(annotationPrefix, 'roleArn');
  const warnings: string[] = [];
  const ofPod = podRoleAnnotation === key ? undefined : asText(pod[key]);
  if (ofPod && !roleArns.some((roleArn) => isSameRole(roleArn, ofPod))) {
    const role = roleArns.length > 0 ? 'another role' : 'no role';
    const problem = `annotation ${key} is ${quote(ofPod)}, but ${object} has ${role}`;
    const remedy =
      podRoleAnnotation === undefined
        ? `write ${roleKey} on the ServiceAccount, as podrole migrate plans it, or set --pod-role-annotation`
        : `write ${podRoleAnnotation}, or ${roleKey} on the ServiceAccount`;
    warnings.push(warningLine({ object: podObject, problem, remedy }));
  }
  if (own[key]) {
    const problem = `annotation ${key} is ${quote(own[key])} and has no effect on a ServiceAccount`;
    warnings.push(warningLine({ object, problem, remedy: `write ${roleKey}` }));
  }
  return warnings;
}

/** True if kube2iam's value, an ARN or a role name with or without a path, names this role. */
function isSameRole(roleArn: string, given: string): boolean {
  return given === roleArn || roleArn.endsWith(`:role/${given.replace(/^\//, '')}`);
}
