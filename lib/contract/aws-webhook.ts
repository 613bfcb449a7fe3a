/**
 * Names, paths and defaults of amazon-eks-pod-identity-webhook, which podrole shares so that it can replace it.
 *
 * [webhook]  amazon-eks-pod-identity-webhook, README and main.go, August 2026
 * [k8s]      Kubernetes API reference 1.36
 */

/** Prefix of the annotations shared with the AWS webhook; `--annotation-prefix` changes it. [webhook] */
export const DEFAULT_ANNOTATION_PREFIX = 'eks.amazonaws.com';

/** Names behind `<annotation prefix>/`. [webhook] */
export const AWS_ANNOTATION = {
  roleArn: 'role-arn',
  audience: 'audience',
  stsRegionalEndpoints: 'sts-regional-endpoints',
  tokenExpiration: 'token-expiration',
  skipContainers: 'skip-containers',
} as const;

export type AwsAnnotation = keyof typeof AWS_ANNOTATION;

/** Returns the key of an annotation with the prefix that is set: `eks.amazonaws.com/role-arn`. */
export function annotationKey(annotationPrefix: string, name: AwsAnnotation): string {
  return `${annotationPrefix}/${AWS_ANNOTATION[name]}`;
}

/** Set on a pod that got EKS container credentials, to `enabled`. [webhook] */
export const POD_IDENTITY_LABEL = 'eks.amazonaws.com/pod-identity';

export const POD_IDENTITY_LABEL_VALUE = 'enabled';

/** A pod with this label, of whatever value, is left alone: the registration's objectSelector keeps it from the webhook. [webhook] */
export const SKIP_POD_LABEL = 'eks.amazonaws.com/skip-pod-identity-webhook';

/** Web identity mode: the projected token's volume and path. [webhook] */
export const WEB_IDENTITY_VOLUME = 'aws-iam-token';

export const WEB_IDENTITY_TOKEN_PATH = 'token';

export const DEFAULT_TOKEN_MOUNT_PATH = '/var/run/secrets/eks.amazonaws.com/serviceaccount';

export const DEFAULT_TOKEN_AUDIENCE = 'sts.amazonaws.com';

/** Container credentials mode (EKS Pod Identity). [webhook] */
export const DEFAULT_CONTAINER_CREDENTIALS = {
  audience: 'pods.eks.amazonaws.com',
  mountPath: '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount',
  volumeName: 'eks-pod-identity-token',
  tokenPath: 'eks-pod-identity-token',
  fullUri: 'http://169.254.170.23/v1/credentials',
} as const;

/** Lifetime of a projected token, in seconds: default [webhook], limits [k8s] TokenRequestSpec.expirationSeconds. */
export const TOKEN_EXPIRATION_SECONDS = { default: 86_400, min: 600, max: 2 ** 32 } as const;

/** An expiration of exactly the default becomes one of these seconds at random in container credentials mode. [webhook] */
export const CONTAINER_CREDENTIALS_JITTER_SECONDS = { min: 79_200, max: 86_400 } as const;

/** ConfigMap of `--watch-config-map`, and its key. [webhook] */
export const IDENTITY_CONFIG_MAP = { name: 'pod-identity-webhook', key: 'config' } as const;
