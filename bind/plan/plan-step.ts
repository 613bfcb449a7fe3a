import type { ApiChange } from '../../kubernetes/api-client.ts';
import type { Fault } from '../../lib/errors.ts';
import type { IamCall } from '../iam/iam-call.ts';

/** A write to the cluster as data. */
export interface ClusterCall {
  readonly service: 'cluster';
  readonly change: ApiChange;
}

/** Change of an object by all steps together. */
export type Effect = 'create' | 'change' | 'delete';

/** One write, as a plan shows it. */
export interface ShownStep {
  /** The changed object: `role shop-web`. */
  readonly object: string;
  /** The change: `attach arn:aws:iam::aws:policy/ReadOnlyAccess`. */
  readonly action: string;
  /** A document that changes, for a diff. */
  readonly document?: DocumentChange;
  /** Effect on the object, if the call does not say it: a server-side apply creates or changes. */
  readonly effect?: Effect;
  /** Kind of the object in totals, if its name does not begin with it. */
  readonly kind?: string;
  /** Undefined if the write is not one to IAM or to the cluster. */
  readonly call?: IamCall | ClusterCall;
}

/** One write to IAM or to the cluster, and its description for a person. */
export interface PlanStep extends ShownStep {
  readonly call: IamCall | ClusterCall;
}

export interface DocumentChange {
  /** `trust policy`. */
  readonly name: string;
  /** Undefined if it does not exist yet. */
  readonly before: unknown;
  /** Undefined if it does not exist afterwards. */
  readonly after: unknown;
  /** Format of its diff: JSON if not given. */
  readonly format?: 'yaml';
}

/** A document for the owner of an object that these credentials cannot change. */
export interface HandedOver {
  /** `role arn:…` */
  readonly object: string;
  /** `statement for its trust policy` */
  readonly name: string;
  readonly document: unknown;
}

/** Changes in the order in which they are made, and what a person should know about them. */
export interface Plan {
  readonly steps: readonly PlanStep[];
  /** Things that stay unchanged, with the reason, and things that deserve a look. */
  readonly notes: readonly string[];
  /** Parts of what was asked for that these changes do not bring about, because others forbid it. */
  readonly notDone?: readonly string[];
  /** Documents that somebody else has to put into effect; `notDone` says why. */
  readonly handOver?: readonly HandedOver[];
  /** Bindings that need no change: `binding shop/web`. */
  readonly unchanged?: readonly string[];
  /** Reasons why the changes cannot be made; empty if they can. */
  readonly faults: readonly Fault[];
}

export const EMPTY_PLAN: Plan = { steps: [], notes: [], faults: [] };

/** Joins plans in their order. Lines that stand in several of them are kept once. */
export function joinPlans(plans: readonly Plan[]): Plan {
  return {
    steps: plans.flatMap(({ steps }) => steps),
    notes: [...new Set(plans.flatMap(({ notes }) => notes))],
    handOver: plans.flatMap(({ handOver = [] }) => handOver),
    notDone: [...new Set(plans.flatMap(({ notDone = [] }) => notDone))],
    unchanged: plans.flatMap(({ unchanged = [] }) => unchanged),
    faults: plans.flatMap(({ faults }) => faults),
  };
}
