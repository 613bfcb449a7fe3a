/**
 * The names, paths, defaults and limits that podrole shares with Kubernetes, the AWS SDKs, IAM and STS.
 * Each has its source; nothing else in the code spells one of them out.
 *
 * [webhook]  amazon-eks-pod-identity-webhook, README and main.go, August 2026
 * [sdk]      AWS SDKs and Tools Reference Guide, "Assume role credential provider", "Container credential provider"
 * [sts]      AWS STS API Reference, AssumeRoleWithWebIdentity
 * [iam]      IAM User Guide, "IAM and STS quotas" and "IAM identifiers"
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

/** podrole's own annotations; docs/annotations.md describes them. */
export const PODROLE_ANNOTATION = {
  /** ServiceAccount: `container=role,container=role`. */
  containerRoles: 'podrole.dev/container-roles',
  /** ServiceAccount or pod: `pod`. */
  sessionName: 'podrole.dev/session-name',
  /** Pod: comma list; only these containers get an identity. */
  includeContainers: 'podrole.dev/include-containers',
  /** ServiceAccount or pod: one of SIDECAR_MODES, or a word that turns it off. */
  sidecar: 'podrole.dev/sidecar',
  /** Pod, written by `podrole inject`: the containers whose AWS variables podrole put there and keeps up to date. */
  injected: 'podrole.dev/injected',
} as const;

/** Set on a pod that got EKS container credentials, to `enabled`. [webhook] */
export const POD_IDENTITY_LABEL = 'eks.amazonaws.com/pod-identity';

export const POD_IDENTITY_LABEL_VALUE = 'enabled';

/** A pod with this label, of whatever value, is left alone: the registration's objectSelector keeps it from the webhook. [webhook] */
export const SKIP_POD_LABEL = 'eks.amazonaws.com/skip-pod-identity-webhook';

/** Environment variables that the SDKs read. [sdk] */
export const ENV = {
  roleArn: 'AWS_ROLE_ARN',
  webIdentityTokenFile: 'AWS_WEB_IDENTITY_TOKEN_FILE',
  roleSessionName: 'AWS_ROLE_SESSION_NAME',
  stsRegionalEndpoints: 'AWS_STS_REGIONAL_ENDPOINTS',
  defaultRegion: 'AWS_DEFAULT_REGION',
  region: 'AWS_REGION',
  containerCredentialsFullUri: 'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  containerCredentialsRelativeUri: 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  containerAuthorizationToken: 'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  containerAuthorizationTokenFile: 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  /** podrole's own: the pod's name by the downward API, for a session name made of it. */
  podName: 'PODROLE_POD_NAME',
  /** podrole's own: the pod's UID by the downward API, which makes the path of its container credentials unguessable. */
  podUid: 'PODROLE_POD_UID',
  /** podrole's own: the pod's topology labels by the downward API; empty where it has none. */
  topologyRegion: 'PODROLE_TOPOLOGY_REGION',
  topologyZone: 'PODROLE_TOPOLOGY_ZONE',
} as const;

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

/** Value of AWS_STS_REGIONAL_ENDPOINTS that asks for the endpoint of the region. [sdk] */
export const STS_REGIONAL = 'regional';

/** A nodeSelector of one of these labels with this value makes a Windows pod. [k8s] well-known labels, [webhook] */
export const WINDOWS_NODE = {
  labels: ['kubernetes.io/os', 'beta.kubernetes.io/os'],
  value: 'windows',
} as const;

/** Longest DNS label: names of namespaces, containers, volumes, and of pods that a controller makes. [k8s] RFC 1123 */
export const DNS_LABEL_MAX_LENGTH = 63;

/** Longest DNS subdomain: names of pods and ServiceAccounts. [k8s] RFC 1123 */
export const DNS_SUBDOMAIN_MAX_LENGTH = 253;

/** The API server cuts a generateName to its first 58 characters and appends 5 of its own, after admission. [k8s] */
export const GENERATED_NAME = { maxBaseLength: 58, suffixLength: 5 } as const;

/** Longer admission warnings may be cut by the API server. [k8s] AdmissionResponse.warnings */
export const ADMISSION_WARNING_MAX_LENGTH = 256;

/**
 * Most characters of all warnings of a response. Beyond it the API server cuts each warning to 256 characters and drops the rest.
 * [k8s] apiserver/pkg/endpoints/filters/warning.go, truncateAtTotalRunes
 */
export const ADMISSION_WARNINGS_MAX_TOTAL = 4_096;

/** ConfigMap of `--watch-config-map`, and its key. [webhook] */
export const IDENTITY_CONFIG_MAP = { name: 'pod-identity-webhook', key: 'config' } as const;

/** AssumeRoleWithWebIdentity's RoleSessionName. [sts] */
export const SESSION_NAME = { pattern: /^[\w+=,.@-]{2,64}$/, maxLength: 64 } as const;

/** AssumeRoleWithWebIdentity's DurationSeconds. [sts] */
export const SESSION_DURATION_SECONDS = { default: 3_600, min: 900, max: 43_200 } as const;

/** AssumeRoleWithWebIdentity's WebIdentityToken, in characters. [sts] */
export const WEB_IDENTITY_TOKEN_LENGTH = { min: 4, max: 20_000 } as const;

/** STS accepts a token this long after its `exp`. [iam] "OIDC federation", clock skew */
export const TOKEN_EXPIRY_GRACE_SECONDS = 300;

/** Signature algorithms that IAM OIDC providers accept. [iam] "Create an OpenID Connect identity provider" */
export const TOKEN_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'] as const;

/** STS gives up on an issuer that answers slower than this. [iam] */
export const ISSUER_FETCH_TIMEOUT_MS = 5_000;

/** Most keys of each type that IAM reads from a JWKS. [iam] */
export const JWKS_MAX_KEYS_PER_TYPE = 100;

/** Path of the discovery document below the issuer. OpenID Connect Discovery 1.0, section 4 */
export const DISCOVERY_PATH = '/.well-known/openid-configuration';

/** Path of the key set below the issuer, as kube-apiserver serves it. [k8s] */
export const JWKS_PATH = '/openid/v1/jwks';

/**
 * podrole's own notes beside the two documents of an issuer, below the same path: kids and times, nothing secret. A bucket policy or a
 * CloudFront behaviour need not open them.
 */
export const PUBLICATION_NOTES_PATH = '/.podrole/publication.json';
export const ROTATION_NOTES_PATH = '/.podrole/rotation.json';

/** How long after publishing a key STS may still answer from a key set that it fetched before: the least wait before the key may sign. */
export const JWKS_CACHE_SECONDS = 3_600;

/** The one version of AdmissionReview that is understood. [k8s] */
export const ADMISSION_REVIEW = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' } as const;

/**
 * Most bytes of an admission review. kube-apiserver takes requests of up to 3 MiB; a review of an update holds the old object
 * and the new one, the rest is room for its envelope. [k8s] kube-apiserver, MaxRequestBodyBytes
 */
export const REVIEW_MAX_BYTES = 7 * 1024 * 1024;

/** Ends the initial events of a streaming list; on a BOOKMARK. [k8s] "API concepts", streaming lists */
export const INITIAL_EVENTS_END_ANNOTATION = 'k8s.io/initial-events-end';

/** Objects in a page of a list, as client-go asks for them. */
export const LIST_PAGE_SIZE = 500;

/** The OIDC provider that stands for an issuer in IAM. [iam] */
export const IAM_OIDC_PROVIDER = {
  maxUrlLength: 255,
  maxClientIds: 100,
  maxClientIdLength: 255,
  maxThumbprints: 5,
  /** In one account; a quota that can be raised. */
  maxPerAccount: 100,
} as const;

/** The Query API of STS: version, and the namespaces of its answers and of faults found before an action ran. [sts] */
export const STS_API = {
  version: '2011-06-15',
  namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  faultNamespace: 'http://webservices.amazon.com/AWSFault/2005-15-09',
} as const;

/** How far the date of a signed request may be from the clock of STS. [iam] "AWS Signature Version 4 for API requests" */
export const SIGNATURE_CLOCK_SKEW_SECONDS = 300;

/** IAM roles. [iam] "IAM and STS quotas" */
export const IAM_ROLE = {
  maxNameLength: 64,
  /** Characters of a trust policy without white space; a quota that can be raised. */
  maxTrustPolicyLength: 2_048,
  /** Characters of all inline policies of a role together, without white space. */
  maxInlinePoliciesLength: 10_240,
  /** MaxSessionDuration of a role; the least is the default. [iam] CreateRole */
  maxSessionDurationSeconds: { min: 3_600, max: 43_200 },
  maxTags: 50,
} as const;

/** Tags of IAM: letters, digits, white space and these signs of any script. [iam] "Rules for tagging in IAM and AWS STS" */
export const IAM_TAG_RULES = {
  maxKeyLength: 128,
  maxValueLength: 256,
  characters: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u,
} as const;

/** Tags on what podrole makes in IAM: they say that it is podrole's, and for whom. */
export const IAM_TAG = {
  /** On roles and providers; value: `podrole`. */
  managedBy: 'podrole.dev/managed-by',
  /** On roles: `NAMESPACE/NAME` of the ServiceAccount that the role was made for. */
  serviceAccount: 'podrole.dev/service-account',
  /** On roles: the issuer without `https://`, of the cluster that the role was made for. */
  issuer: 'podrole.dev/issuer',
  /** On roles: hashes, separated by spaces, of the ARNs of the managed policies that podrole attached and so may detach. */
  attachedPolicies: 'podrole.dev/attached-policies',
} as const;

export const IAM_MANAGED_BY = 'podrole';

/** On a ServiceAccount that podrole made, value `true`: `unbind` removes it again. */
export const CREATED_SERVICE_ACCOUNT_ANNOTATION = 'podrole.dev/created';

/** On a pod template: `kubectl rollout restart` sets it to the time, so that all pods are made anew. [k8s] */
export const RESTARTED_AT_ANNOTATION = 'kubectl.kubernetes.io/restartedAt';

/** Audience of the token that `podrole keys rotate` mints to see which key signs: nobody accepts it, neither STS nor the API server. */
export const ROTATION_PROBE_AUDIENCE = 'podrole.dev/key-rotation';

/** Where the API servers of a cluster enter their addresses. [k8s] kube-apiserver, --endpoint-reconciler-type */
export const API_SERVER_ENDPOINTS_PATH =
  '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dkubernetes';

/** Where a pod finds the namespace that it runs in. [k8s] "Accessing the Kubernetes API from a Pod" */
export const POD_NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/** Where the sidecar listens, on loopback, and where `podrole redirect` leads the metadata addresses. */
export const DEFAULT_SIDECAR_PORT = 9911;

/** Values of `podrole.dev/sidecar`: the credentials endpoint alone, or the metadata addresses as well. */
export const SIDECAR_MODES = ['credentials', 'metadata'] as const;

/** Containers that podrole adds to a pod: the sidecar, and what leads the metadata addresses to it. */
export const INJECTED_CONTAINER = { sidecar: 'podrole-sidecar', redirect: 'podrole-redirect' } as const;

/** User and group of the sidecar, where the pod has none that all its containers share: `nonroot` of distroless images. */
export const SIDECAR_USER_ID = 65_532;

/** Labels that the API server copies from the node when a pod is bound to it. [k8s] PodTopologyLabelsAdmission, on by default since 1.35 */
export const TOPOLOGY_LABEL = {
  region: 'topology.kubernetes.io/region',
  zone: 'topology.kubernetes.io/zone',
} as const;

/** Variables that lead a client to another STS, and to the authorities of its certificate. [sdk] */
export const STS_ENDPOINT_ENV = {
  endpointUrlSts: 'AWS_ENDPOINT_URL_STS',
  endpointUrl: 'AWS_ENDPOINT_URL',
  caBundle: 'AWS_CA_BUNDLE',
} as const;

/** Where the sidecar answers /healthz, /readyz and /metrics. */
export const DEFAULT_SIDECAR_METRICS_PORT = 9912;
