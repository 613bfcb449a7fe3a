import type { SIDECAR_MODES } from '../lib/contract/podrole.ts';
import type { CaBundle } from './settings/endpoint-settings.ts';
import type { InjectedSidecarSettings } from './settings/sidecar-settings.ts';

/** A projected ServiceAccount token: the volume that holds it, and its audience and lifetime. */
export interface ProjectedToken {
  readonly volumeName: string;
  readonly audience: string;
  /** Within the limits of Kubernetes. */
  readonly expirationSeconds: number;
  /** File name within the volume. */
  readonly path: string;
}

/** A role, and the token that is exchanged for its credentials. */
export interface RoleGrant {
  /** A valid role ARN. */
  readonly roleArn: string;
  readonly token: ProjectedToken;
  /**
   * Role that it assumes. Only a sidecar or the agent does that, so no SDK may exchange the token itself: it
   * would get the wrong role.
   */
  readonly target?: TargetRoleGrant | undefined;
}

/** Role that the role of the pod assumes: `podrole.dev/target-role-arn`. */
export interface TargetRoleGrant {
  /** A valid role ARN. */
  readonly roleArn: string;
  readonly hasSessionTags: boolean;
}

/** A role for one container only: `podrole.dev/container-roles`. */
export interface ContainerRole extends RoleGrant {
  readonly container: string;
}

/** STS, S3 and CA certificates for containers that set none; undefined: none are set. */
export interface Endpoints {
  readonly stsEndpointUrl: string | undefined;
  readonly s3EndpointUrl: string | undefined;
  readonly caBundle: CaBundle | undefined;
}

/** Names of containers in an annotation of the pod. */
export interface ContainerList {
  readonly annotation: string;
  readonly names: readonly string[];
}

interface IdentityBase {
  readonly namespace: string;
  readonly serviceAccountName: string;
  /** Absolute path at which the token volume is mounted. */
  readonly mountPath: string;
  /** Region for containers that set none; empty: none is set. */
  readonly region: string;
  /** True: AWS_STS_REGIONAL_ENDPOINTS=regional is set in containers that do not set it themselves. */
  readonly regionalSts: boolean;
  readonly endpoints: Endpoints;
  /** Containers and init containers that stay as they are. */
  readonly skipContainers: readonly string[];
  /** If given, only these containers get an identity, except those skipped. */
  readonly includeContainers: readonly string[] | undefined;
  /** Lists in the pod's annotations, for warnings about names that match no container. */
  readonly containerLists: readonly ContainerList[];
}

export type SidecarMode = (typeof SIDECAR_MODES)[number];

/** Sidecar or agent that a pod asks for. The spec of the pod decides whether it can have that. */
export interface SidecarRequest {
  /** Undefined if the annotation is misspelt: then a pod keeps what is recorded in it, or gets nothing. */
  readonly mode: SidecarMode | undefined;
  /** Name for warnings of what asks for it: the annotation, or the setting for pods without one. */
  readonly origin: string;
  readonly settings: InjectedSidecarSettings;
}

/** The SDK exchanges the token at STS (IRSA). */
export interface WebIdentity extends IdentityBase {
  readonly kind: 'web-identity';
  /** The role of every container without one of its own; undefined if those get none. */
  readonly role: RoleGrant | undefined;
  readonly containerRoles: readonly ContainerRole[];
  /** `pod`: AWS_ROLE_SESSION_NAME consists of namespace and pod name. Otherwise a name that STS accepts. */
  readonly sessionName: 'pod' | { readonly name: string } | undefined;
  /** The sidecar that hands out the credentials of `role`, or the agent that hands out those of all roles. */
  readonly sidecar?: SidecarRequest;
}

/** The SDK asks an agent on the node (EKS Pod Identity). */
export interface ContainerCredentials extends IdentityBase {
  readonly kind: 'container-credentials';
  readonly token: ProjectedToken;
  /** Endpoint that hands out the credentials. */
  readonly fullUri: string;
}

/** Everything that a mutation needs to know about a pod's identity, as plain data. */
export type PodIdentity = WebIdentity | ContainerCredentials;
