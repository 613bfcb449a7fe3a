/** podrole's own names, paths and defaults on which a user or another process of podrole relies. */

/** Selector of the webhook's Deployment and pods in the manifests, and in the chart without nameOverride. */
export const WEBHOOK_SELECTOR = 'app.kubernetes.io/name=podrole,app.kubernetes.io/component=webhook';
/** Selector of the agent's DaemonSet and pods, in the same way. */
export const AGENT_SELECTOR = 'app.kubernetes.io/name=podrole,app.kubernetes.io/component=agent';

/** Annotations of podrole; docs/annotations.md describes them. */
export const PODROLE_ANNOTATION = {
  /** ServiceAccount: `container=role,container=role`. */
  containerRoles: 'podrole.dev/container-roles',
  /** ServiceAccount or pod: `pod`. */
  sessionName: 'podrole.dev/session-name',
  /** Pod: list separated by commas; only these containers get an identity. */
  includeContainers: 'podrole.dev/include-containers',
  /** ServiceAccount or pod: one of SIDECAR_MODES, or a word that turns the sidecar off. */
  sidecar: 'podrole.dev/sidecar',
  /** ServiceAccount: URL of the STS that containers ask; empty for that of AWS. */
  stsEndpointUrl: 'podrole.dev/sts-endpoint-url',
  /** ServiceAccount: URL of the S3 that containers ask; empty for that of AWS. */
  s3EndpointUrl: 'podrole.dev/s3-endpoint-url',
  /** ServiceAccount: `NAME` or `NAME/KEY` of a ConfigMap with CA certificates; empty for none. */
  caBundleConfigMap: 'podrole.dev/ca-bundle-config-map',
  /** Namespace: patterns of role ARNs, separated by white space, that its pods may have. */
  allowedRoles: 'podrole.dev/allowed-roles',
  /** ServiceAccount: role that the role of the pod assumes, in the same or in another account. */
  targetRoleArn: 'podrole.dev/target-role-arn',
  /** ServiceAccount: `false` assumes the target role without session tags. */
  sessionTags: 'podrole.dev/session-tags',
  /** Pod, set by `podrole inject`: containers whose AWS variables podrole added and keeps up to date. */
  injected: 'podrole.dev/injected',
} as const;

/** Names of the webhooks in podrole's configuration: `pods.podrole.dev`, `required.pods.podrole.dev`. */
export const OWN_WEBHOOK = /(^|\.)pods\.podrole\.dev$/;

/**
 * Path of podrole's own notes, below the issuer like its two documents. They contain kids and times, and
 * nothing secret. A bucket policy or a CloudFront behaviour does not need to make them public.
 */
export const PUBLICATION_NOTES_PATH = '/.podrole/publication.json';

/** Path of the notes of a key rotation, below the issuer too. */
export const ROTATION_NOTES_PATH = '/.podrole/rotation.json';

/**
 * Tags of the objects that podrole creates in IAM: they say that it belongs to podrole, and for whom it is.
 */
export const IAM_TAG = {
  /** On roles and providers; value: `podrole`. */
  managedBy: 'podrole.dev/managed-by',
  /** On roles: `NAMESPACE/NAME` of the ServiceAccount that the role was created for. */
  serviceAccount: 'podrole.dev/service-account',
  /** On roles: issuer, without `https://`, of the cluster that the role was created for. */
  issuer: 'podrole.dev/issuer',
  /**
   * On roles: hashes, separated by spaces, of the ARNs of the managed policies that podrole attached. Only
   * these may podrole detach.
   */
  attachedPolicies: 'podrole.dev/attached-policies',
} as const;

export const IAM_MANAGED_BY = 'podrole';

/** Annotation, with the value `true`, of a ServiceAccount that podrole created; `unbind` deletes it. */
export const CREATED_SERVICE_ACCOUNT_ANNOTATION = 'podrole.dev/created';

/**
 * Audience of the token that `podrole keys rotate` requests to see which key signs. Neither STS nor the API
 * server accepts such a token.
 */
export const ROTATION_PROBE_AUDIENCE = 'podrole.dev/key-rotation';

/**
 * Port of the sidecar on loopback. `podrole redirect` redirects connections to the metadata addresses to it.
 */
export const DEFAULT_SIDECAR_PORT = 9911;

/** Port on which the sidecar answers /healthz, /readyz and /metrics. */
export const DEFAULT_SIDECAR_METRICS_PORT = 9912;

/**
 * Port of the agent on the node, and that on which it answers /healthz, /readyz and /metrics. The rules of
 * `podrole redirect --node` lead to the first one, and to nothing else.
 */
export const DEFAULT_AGENT_PORT = 9921;
export const DEFAULT_AGENT_METRICS_PORT = 9922;
/** Port at which Prometheus scrapes `podrole agent`. */
export const DEFAULT_AGENT_SCRAPE_PORT = 9923;

/** Port of `podrole docker`, to which `podrole redirect --docker` leads, and that of its metrics. */
export const DEFAULT_DOCKER_PORT = 9931;
export const DEFAULT_DOCKER_METRICS_PORT = 9932;

/** Label of a container that names its role. */
export const ROLE_LABEL = 'podrole.dev/role-arn';

/** Variables of a container that name its role and narrow its session, as older proxies read them. */
export const CONTAINER_ROLE_VARIABLE = { role: 'IAM_ROLE', policy: 'IAM_POLICY' } as const;

/**
 * Token that a pod shows the agent of its node as `Authorization`: its volume, where it is mounted, its file
 * and its audience. STS accepts no such token. That of a container with a role of its own has the audience
 * `podrole.dev/agent/CONTAINER`.
 */
export const AGENT_TOKEN = {
  volumeName: 'podrole-agent-token',
  mountPath: '/var/run/secrets/podrole.dev/agent',
  path: 'token',
  audience: 'podrole.dev/agent',
} as const;

/**
 * Values of `podrole.dev/sidecar`: a sidecar with only the credentials endpoint, one that serves the metadata
 * addresses as well, or no sidecar but the agent of the node.
 */
export const SIDECAR_MODES = ['credentials', 'metadata', 'agent'] as const;

/** Containers that podrole adds to a pod. The second one redirects the metadata addresses to the sidecar. */
export const INJECTED_CONTAINER = { sidecar: 'podrole-sidecar', redirect: 'podrole-redirect' } as const;

/** Volume of the CA certificates, where it is mounted, and their file there. */
export const CA_BUNDLE = {
  volumeName: 'podrole-ca-bundle',
  mountPath: '/var/run/secrets/podrole.dev/ca-bundle',
  file: 'ca.crt',
} as const;

/** Key of the ConfigMap with CA certificates if none is named: that of `kube-root-ca.crt`. [k8s] */
export const DEFAULT_CA_BUNDLE_KEY = 'ca.crt';

/**
 * User and group of the sidecar if the pod does not set one for all its containers: `nonroot` of the
 * distroless images.
 */
export const SIDECAR_USER_ID = 65_532;

/**
 * Path of the container credentials, the same on loopback (FULL_URI) and on 169.254.170.2 (RELATIVE_URI). It
 * does not contain a role: a sidecar has one role, and the path does not change with it. The EKS Pod Identity
 * Agent has the same path.
 */
export const SIDECAR_CREDENTIALS_PATH = '/v1/credentials';

/**
 * Path of container credentials that nobody can guess: below the path above, with at least as many characters
 * as 16 random bytes have in base64url. A variable that kubelet did not expand (`$(NAME)`) does not match.
 */
export const SECRET_CREDENTIALS_PATH = /^\/v1\/credentials\/[\w~.-]{22,200}$/;
