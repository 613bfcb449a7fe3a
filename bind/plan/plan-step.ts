import type { ApiChange } from '../../kubernetes/api-client.ts';
import type { Fault } from '../../lib/errors.ts';
import type { IamCall } from '../iam/iam-call.ts';

/** A write to the cluster as data. */
export interface ClusterCall {
  readonly service: 'cluster';
  readonly change: ApiChange;
}

/** One write, and how it is told to a person. */
export interface PlanStep {
  /** What it changes: `role shop-web`. */
  readonly object: string;
  /** What happens to it: `attach arn:aws:iam::aws:policy/ReadOnlyAccess`. */
  readonly action: string;
  /** A document that changes, for a diff. */
  readonly document?: DocumentChange;
  readonly call: IamCall | ClusterCall;
}

export interface DocumentChange {
  /** `trust policy`. */
  readonly name: string;
  /** Undefined where there is none yet. */
  readonly before: unknown;
  /** Undefined where there is none afterwards. */
  readonly after: unknown;
}

/** What is to be done, in the order in which it is done, and what a person should know. */
export interface Plan {
  readonly steps: readonly PlanStep[];
  /** What stays as it is and why, what deserves a look. */
  readonly notes: readonly string[];
  /** Why it can't be done; empty where it can. */
  readonly faults: readonly Fault[];
}

export const EMPTY_PLAN: Plan = { steps: [], notes: [], faults: [] };

/** One plan after the other. */
export function joinPlans(plans: readonly Plan[]): Plan {
  return {
    steps: plans.flatMap(({ steps }) => steps),
    notes: [...new Set(plans.flatMap(({ notes }) => notes))],
    faults: plans.flatMap(({ faults }) => faults),
  };
}
