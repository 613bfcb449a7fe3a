/** A controller with its pod template and its running pods, or a pod without a controller. */
export interface WorkloadFacts {
  readonly namespace: string;
  /** `apps/v1`; undefined if nobody said it. */
  readonly apiVersion: string | undefined;
  /** `Deployment`; `Pod` for a pod without a controller. */
  readonly kind: string;
  readonly name: string;
  /** Undefined for a controller of a kind that is not read: then its pods say everything. */
  readonly template: PodTemplateFacts | undefined;
  readonly pods: readonly RunningPod[];
}

/** Part of a pod, or of a pod template, on which a migration depends. */
export interface PodTemplateFacts {
  readonly serviceAccount: string;
  /** As it is written; undefined if it names none. */
  readonly role: string | undefined;
  readonly sessionName: string | undefined;
  readonly externalId: string | undefined;
  /** Value of `podrole.dev/sidecar` as it is written; undefined if it has none. */
  readonly sidecar: string | undefined;
  readonly hostNetwork: boolean;
  /** podrole leaves the pod alone. */
  readonly isSkipped: boolean;
  /** Names of the variables `AWS_*` of its own that decide about credentials, without their values. */
  readonly ownVariables: readonly string[];
  /** Names of the init containers that are not sidecars. */
  readonly initContainers: readonly string[];
  /** Values of variables and arguments name the instance metadata of EC2. */
  readonly namesMetadata: boolean;
}

export interface RunningPod extends PodTemplateFacts {
  readonly name: string;
  /** kubelet made it from a file of its node: no admission webhook can change it. */
  readonly isStatic: boolean;
  /** podrole, or another webhook of web identity, gave it a role: its ARNs. */
  readonly injectedRoles: readonly string[];
}
