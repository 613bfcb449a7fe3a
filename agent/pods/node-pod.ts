import type { Grant, TokenPlace } from './grant.ts';

/** Pod of this node, as the API server shows it. Whatever the agent does not need is not kept. */
export interface NodePod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion?: string;
  readonly serviceAccountName: string;
  /** Name of its folder in kubelet's pods folder: its UID, for the mirror of a static pod the UID of that. */
  readonly folder: string;
  /**
   * Addresses of `status.podIPs`, in the form of `normalizeAddress`; empty until kubelet has reported them.
   * They may still be those of a former sandbox, or have another owner by now.
   */
  readonly addresses: readonly string[];
  /** True if it shares the addresses of the node, and comes by no redirect. */
  readonly isHostNetwork: boolean;
  /** True once it was asked to end; its containers may run for long after that. */
  readonly isEnding: boolean;
  /** True if its phase is Succeeded or Failed: none of its containers runs or will run. */
  readonly isFinished: boolean;
  /** True if the status shows a running container. */
  readonly isRunning: boolean;
  /** Latest start of a container that the status shows, by the wall clock in whole seconds; 0 if none. */
  readonly startedMs: number;
  /** True for a static pod's mirror: kubelet knows it by another UID, and it has no tokens. */
  readonly isMirror: boolean;
  /**
   * True if a container mounts something of its own at /etc/hosts: it can run before kubelet has written a
   * hosts file for the pod.
   */
  readonly hasOwnHosts: boolean;
  /** Roles that the webhook has written into its containers; none for a mirror, which has no tokens. */
  readonly grants: readonly Grant[];
  /** Token that EKS's webhook mounts for the EKS Pod Identity Agent. */
  readonly podIdentityToken: TokenPlace | undefined;
}
