/**
 * Names, paths and defaults of amazon-eks-pod-identity-webhook. podrole uses the same ones, so that it can
 * replace that webhook.
 *
 * [webhook]  amazon-eks-pod-identity-webhook, README and main.go, August 2026
 * [k8s]      Kubernetes API reference 1.36
 */

/** Prefix of the annotations shared with the AWS webhook; `--annotation-prefix` changes it. [webhook] */
export const DEFAULT_ANNOTATION_PREFIX = 'eks.amazonaws.com';

/** Names of the annotations, after `<annotation prefix>/`. [webhook] */
export const AWS_ANNOTATION = {
  roleArn: 'role-arn',
  audience: 'audience',
  stsRegionalEndpoints: 'sts-regional-endpoints',
  tokenExpiration: 'token-expiration',
  skipContainers: 'skip-containers',
} as const;

export type AwsAnnotation = keyof typeof AWS_ANNOTATION;

/** Returns the key of an annotation with the configured prefix: `eks.amazonaws.com/role-arn`. */
export function annotationKey(annotationPrefix: string, name: AwsAnnotation): string {
  return `${annotationPrefix}/${AWS_ANNOTATION[name]}`;
}

/** Names that EKS, kOps and AWS's own manifests give to the AWS webhook in its configuration. */
export const AWS_WEBHOOK = /^(pod-identity-webhook|iam-for-pods)\.amazonaws\.com$/;

/** Label of a pod that got EKS container credentials; its value is `enabled`. [webhook] */
export const POD_IDENTITY_LABEL = 'eks.amazonaws.com/pod-identity';

export const POD_IDENTITY_LABEL_VALUE = 'enabled';

/**
 * Label of a pod that must not be changed; its value does not matter. The objectSelector of the webhook
 * configuration keeps such a pod away from the webhook. [webhook]
 */
export const SKIP_POD_LABEL = 'eks.amazonaws.com/skip-pod-identity-webhook';

/** Volume of the projected token in web identity mode; its path in the volume follows. [webhook] */
export const WEB_IDENTITY_VOLUME = 'aws-iam-token';

export const WEB_IDENTITY_TOKEN_PATH = 'token';

export const DEFAULT_TOKEN_MOUNT_PATH = '/var/run/secrets/eks.amazonaws.com/serviceaccount';

export const DEFAULT_TOKEN_AUDIENCE = 'sts.amazonaws.com';

/** Defaults of the container credentials mode (EKS Pod Identity). [webhook] */
export const DEFAULT_CONTAINER_CREDENTIALS = {
  audience: 'pods.eks.amazonaws.com',
  mountPath: '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount',
  volumeName: 'eks-pod-identity-token',
  tokenPath: 'eks-pod-identity-token',
  fullUri: 'http://169.254.170.23/v1/credentials',
} as const;

/**
 * Lifetime of a projected token, in seconds. The default is that of [webhook]; the limits are those of [k8s]
 * TokenRequestSpec.expirationSeconds.
 */
export const TOKEN_EXPIRATION_SECONDS = { default: 86_400, min: 600, max: 2 ** 32 } as const;

/**
 * Range of the random lifetime of a token in container credentials mode, in seconds. It replaces a lifetime
 * that is exactly the default. [webhook]
 */
export const CONTAINER_CREDENTIALS_JITTER_SECONDS = { min: 79_200, max: 86_400 } as const;

/** ConfigMap that `--watch-config-map` reads, and its key. [webhook] */
export const IDENTITY_CONFIG_MAP = { name: 'pod-identity-webhook', key: 'config' } as const;
