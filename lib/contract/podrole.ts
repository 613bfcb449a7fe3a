/** Names, paths and defaults that are podrole's own, and that a user or another process of podrole relies on. */

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

/**
 * podrole's own notes beside the two documents of an issuer, below the same path: kids and times, nothing secret. A bucket policy or a
 * CloudFront behaviour need not open them.
 */
export const PUBLICATION_NOTES_PATH = '/.podrole/publication.json';

export const ROTATION_NOTES_PATH = '/.podrole/rotation.json';

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

/** Audience of the token that `podrole keys rotate` mints to see which key signs: nobody accepts it, neither STS nor the API server. */
export const ROTATION_PROBE_AUDIENCE = 'podrole.dev/key-rotation';

/** Where the sidecar listens, on loopback, and where `podrole redirect` leads the metadata addresses. */
export const DEFAULT_SIDECAR_PORT = 9911;

/** Where the sidecar answers /healthz, /readyz and /metrics. */
export const DEFAULT_SIDECAR_METRICS_PORT = 9912;

/** Values of `podrole.dev/sidecar`: the credentials endpoint alone, or the metadata addresses as well. */
export const SIDECAR_MODES = ['credentials', 'metadata'] as const;

/** Containers that podrole adds to a pod: the sidecar, and what leads the metadata addresses to it. */
export const INJECTED_CONTAINER = { sidecar: 'podrole-sidecar', redirect: 'podrole-redirect' } as const;

/** User and group of the sidecar, where the pod has none that all its containers share: `nonroot` of distroless images. */
export const SIDECAR_USER_ID = 65_532;

/**
 * Path of the container credentials, the same below loopback (FULL_URI) and below 169.254.170.2 (RELATIVE_URI). It holds no role: a sidecar
 * has one role, and the path stays as it is when the pod's role changes. It is the path of the EKS Pod Identity Agent too.
 */
export const SIDECAR_CREDENTIALS_PATH = '/v1/credentials';

/**
 * A path of container credentials that nobody guesses: below the path above, with at least as many characters as 16 random bytes have in
 * base64url. What kubelet did not expand (`$(NAME)`) does not match.
 */
export const SECRET_CREDENTIALS_PATH = /^\/v1\/credentials\/[\w~.-]{22,200}$/;
