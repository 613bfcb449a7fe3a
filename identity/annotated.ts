import { type AwsAnnotation, annotationKey } from '../lib/contract/aws-webhook.ts';
import { asObject, type JsonObject } from '../lib/json/json.ts';
import type { PolicySettings } from '../policy/settings.ts';
import type { GivenAnnotation } from './annotations/values.ts';
import type { ServiceAccountFacts } from './service-accounts.ts';
import type { IdentitySettings } from './settings/identity-settings.ts';

/** Annotations that decide about a pod. */
export interface Annotated {
  /** The ServiceAccount, as warnings name it. */
  readonly object: string;
  /** Annotations of the ServiceAccount. */
  readonly own: Readonly<Record<string, string>>;
  readonly pod: JsonObject;
  readonly annotationPrefix: string;
  /** Annotation by which a pod names its role; undefined if pods cannot name one. */
  readonly podRoleAnnotation: string | undefined;
  /** Returns the key of an annotation with the prefix that is set. */
  readonly key: (name: AwsAnnotation) => string;
}

export interface AnnotatedInput {
  readonly namespace: string;
  readonly serviceAccountName: string;
  readonly serviceAccount: Pick<ServiceAccountFacts, 'annotations'> | undefined;
  /** `metadata.annotations` of the pod, unchecked. */
  readonly podAnnotations: unknown;
  readonly settings: Pick<IdentitySettings, 'annotationPrefix'> &
    Partial<Pick<PolicySettings, 'podRoleAnnotation'>>;
}

/** The warnings go to the creator of the pod, which may not have its name yet. */
export const THIS_POD = 'this Pod';

export function annotatedOf(input: AnnotatedInput): Annotated {
  const { annotationPrefix, podRoleAnnotation } = input.settings;
  return {
    object: `ServiceAccount ${input.namespace}/${input.serviceAccountName}`,
    own: input.serviceAccount?.annotations ?? {},
    pod: asObject(input.podAnnotations) ?? {},
    annotationPrefix,
    podRoleAnnotation,
    key: (name) => annotationKey(annotationPrefix, name),
  };
}

/** Returns an annotation of the ServiceAccount. */
export function ownAnnotation({ object, own, key }: Annotated, name: AwsAnnotation): GivenAnnotation {
  return { object, key: key(name), value: own[key(name)] };
}
