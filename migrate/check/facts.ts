import type { OldProxy } from '../model.ts';

/** Everything that a check of a migration found, as plain data. */
export interface CheckFacts {
  readonly from: OldProxy;
  /** Milliseconds since 1970 at which the pods were listed; later requests are not looked at. */
  readonly listedAtMs: number;
  /** Length of the time that is looked at, before that. */
  readonly sinceMs: number;
  /** Only the workloads of this namespace are shown; undefined: all. */
  readonly namespace: string | undefined;
  /** Pods of all namespaces, as far as they could be read. */
  readonly pods: readonly CheckedPod[];
  /** Workloads whose pod template names a role for the proxy: they may have no pod now. */
  readonly templates: readonly CheckedTemplate[];
  /** The log of each pod of the proxy. */
  readonly logs: readonly ProxyLog[];
  /** False if the proxy was not looked for everywhere: then a node without one may have one. */
  readonly hasAllProxies: boolean;
  /** Each read that failed, in words. */
  readonly unread: readonly string[];
}

/** A workload that creates pods with a role. */
export interface CheckedTemplate {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  /** Role as its annotation for the proxy names it. */
  readonly role: string;
}

/** A pod that may ask the proxy. */
export interface CheckedPod {
  readonly namespace: string;
  readonly name: string;
  /** Its controller, up to a Deployment or CronJob; itself if it has none. */
  readonly workload: { readonly kind: string; readonly name: string };
  readonly node: string | undefined;
  /** Milliseconds since 1970; undefined if it has not started. */
  readonly startedMs: number | undefined;
  /** False once all its containers have ended. */
  readonly isAlive: boolean;
  readonly isHostNetwork: boolean;
  /** Role as its annotation for the proxy names it. */
  readonly role: string | undefined;
  /** Way by which it gets a role from a webhook such as podrole's; undefined if it does not. */
  readonly identity: 'web identity' | 'sidecar' | undefined;
}

/** Requests that one pod of the proxy noted in the time that is looked at. */
export interface ProxyLog {
  /** `kube-system/kube2iam-x7k2p` */
  readonly pod: string;
  readonly node: string | undefined;
  /** Begin of the part in which every request is noted and was read; undefined if there is none. */
  readonly fromMs: number | undefined;
  /** Reason why a part is missing; undefined if the whole time was read. */
  readonly gap: string | undefined;
  /** Requests of each pod, by `namespace/name`. */
  readonly askers: ReadonlyMap<string, Asked>;
  /** Requests from addresses of nodes: of pods in the host network, or of the node itself. */
  readonly nodeAsked: Asked | undefined;
  /** Requests whose pod is not known. */
  readonly unknown: UnknownAskers | undefined;
}

/** Times of the last requests, in milliseconds since 1970. */
export interface Asked {
  /** A request for a role or its credentials that was answered. */
  readonly credentialsMs?: number;
  /** One that was answered with an error. */
  readonly refusedMs?: number;
  /** A request for other metadata, such as the region. */
  readonly metadataMs?: number;
}

export interface UnknownAskers extends Asked {
  /** Roles that they named; `''` stands for more of them. */
  readonly roles: readonly string[];
}
