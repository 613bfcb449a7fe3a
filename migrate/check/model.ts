import type { OldProxy } from '../model.ts';

/**
 * State of a workload on its way. `old proxy`: it asks the proxy, without another way. `both`: it has the
 * way of podrole, and asks the proxy nevertheless, or only some of its pods have it. `moved`: all its pods
 * have the way of podrole, and none asks the proxy. `waiting`: nobody asked, and a pod does not have it.
 */
export type WorkloadState = 'old proxy' | 'both' | 'moved' | 'waiting' | 'unknown';

/** Result of a check, as plain data: every output is made from it. */
export interface MigrationCheck {
  readonly from: OldProxy;
  /** ISO 8601. */
  readonly checkedAt: string;
  /** Length of the time that was looked at. */
  readonly sinceSeconds: number;
  readonly workloads: readonly CheckedWorkload[];
  /** Workloads in each state. */
  readonly counts: Readonly<Record<WorkloadState, number>>;
  /** Whole percent of the workloads that have moved, rounded down; 100 if there is none. */
  readonly percentMoved: number;
  readonly proxyPods: number;
  /** Requests that belong to no workload, in words. */
  readonly others: readonly string[];
  readonly roles: readonly CheckedRole[];
  readonly proxy: { readonly isNeeded: Need; readonly why: string };
  /** Everything that was not read or not noted, in words: nothing was concluded from it. */
  readonly unread: readonly string[];
}

export interface CheckedWorkload {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly state: WorkloadState;
  /** Its pods that run. */
  readonly pods: number;
  /** Those that get a role by the way of podrole. */
  readonly withIdentity: number;
  /** Those that asked the proxy for a role. */
  readonly asking: number;
  /** Roles that their annotations name. */
  readonly roles: readonly string[];
  /** ISO 8601; undefined if none asked. */
  readonly lastAsked: string | undefined;
  readonly notes: readonly string[];
}

/** Answer to the question if something is still needed; `unknown` if too little was read. */
export type Need = 'yes' | 'no' | 'unknown';

export interface CheckedRole {
  /** As pods or requests name it. */
  readonly role: string;
  /** `yes` if the proxy must still be able to assume it. */
  readonly isNeeded: Need;
  readonly why: string;
}
