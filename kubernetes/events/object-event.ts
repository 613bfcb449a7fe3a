import { createHash } from 'node:crypto';
import type { JsonObject } from '../../lib/json/json.ts';
import { dateWithoutMilliseconds } from '../../lib/text/date-without-milliseconds.ts';

/** The same warning about the same object is one Event in this time. An API server keeps an Event for 1 h. */
export const EVENT_WINDOW_MS = 3_600_000;
/** [k8s] api/events, note length */
const MESSAGE_MAX_LENGTH = 1_024;

/** Object that an Event is about: a pod, or its controller. */
export interface EventObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** Warning about an object of a namespace. */
export interface ObjectWarning {
  readonly namespace: string;
  readonly object: EventObject;
  /** One line of printable characters. */
  readonly warning: string;
  /** Stays the same while details of the warning change, such as a request number; default: the warning. */
  readonly cause?: string | undefined;
}

/** Process that reports, and its word for what it reports. */
export interface EventSource {
  /** `podrole-webhook` */
  readonly component: string;
  /** `PodIdentity` */
  readonly reason: string;
}

/** Event of the core API, as `kubectl describe` shows it. */
export interface ObjectEvent {
  /** The same for the same cause, object and hour, in every replica: the API server then keeps the first. */
  readonly name: string;
  readonly object: JsonObject;
}

/** Returns the Event that reports a warning. */
export function objectEvent(
  { namespace, object, warning, cause = warning }: ObjectWarning,
  { component, reason }: EventSource,
  now: Date,
): ObjectEvent {
  const window = Math.floor(now.getTime() / EVENT_WINDOW_MS);
  const identity = JSON.stringify([namespace, object.kind, object.name, object.uid, cause, window]);
  const name = `podrole-${createHash('sha256').update(identity).digest('hex').slice(0, 32)}`;
  const timestamp = dateWithoutMilliseconds(now);
  return {
    name,
    object: {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: { ...object, namespace },
      type: 'Warning',
      reason,
      message: warning.slice(0, MESSAGE_MAX_LENGTH),
      source: { component },
      reportingComponent: component,
      firstTimestamp: timestamp,
      lastTimestamp: timestamp,
      count: 1,
    },
  };
}
