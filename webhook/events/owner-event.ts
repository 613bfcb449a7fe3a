import { createHash } from 'node:crypto';
import type { JsonObject } from '../../lib/json/json.ts';
import { dateWithoutMilliseconds } from '../../lib/text/date-without-milliseconds.ts';
import type { PodOwner } from './pod-owner.ts';

/** The same warning about the same owner is one Event in this time. An API server keeps an Event for 1 h. */
export const EVENT_WINDOW_MS = 3_600_000;
/** [k8s] api/events, note length */
const MESSAGE_MAX_LENGTH = 1_024;
const COMPONENT = 'podrole-webhook';

/** Warning about a pod, to be reported to its owner. */
export interface OwnerWarning {
  readonly namespace: string;
  readonly owner: PodOwner;
  /** Admission warning: one line of printable characters. */
  readonly warning: string;
}

/** Event of the core API, as `kubectl describe` shows it. */
export interface OwnerEvent {
  /** The same for the same warning, owner and hour, in every replica: the API server then keeps the first. */
  readonly name: string;
  readonly object: JsonObject;
}

/** Returns the Event that reports a warning. */
export function ownerEvent({ namespace, owner, warning }: OwnerWarning, now: Date): OwnerEvent {
  const window = Math.floor(now.getTime() / EVENT_WINDOW_MS);
  const identity = JSON.stringify([namespace, owner.kind, owner.name, owner.uid, warning, window]);
  const name = `podrole-${createHash('sha256').update(identity).digest('hex').slice(0, 32)}`;
  const timestamp = dateWithoutMilliseconds(now);
  return {
    name,
    object: {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: { ...owner, namespace },
      type: 'Warning',
      reason: 'PodIdentity',
      message: warning.slice(0, MESSAGE_MAX_LENGTH),
      source: { component: COMPONENT },
      reportingComponent: COMPONENT,
      firstTimestamp: timestamp,
      lastTimestamp: timestamp,
      count: 1,
    },
  };
}
