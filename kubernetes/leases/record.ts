import { asObject, asText, type JsonObject } from '../../lib/json/json.ts';

/** Part of a Lease that says who leads. [k8s] LeaseSpec */
export interface LeaseRecord {
  /** Identity of the holder; empty if the Lease was released. */
  readonly holder: string;
  /** Time for which the others wait after they saw the last renewal. */
  readonly durationSeconds: number;
  /** By the holder's own clock, for people to read: no decision depends on it. */
  readonly acquireTime: string;
  readonly renewTime: string;
  /** Number of times that the holder has changed. */
  readonly transitions: number;
}

/**
 * A Lease as it was read: its record, and the whole object, so that a change keeps members that podrole does
 * not know.
 */
export interface StoredLease {
  readonly record: LeaseRecord;
  readonly object: JsonObject;
}

/**
 * Returns the Lease in an answer; undefined if it is not a Lease. Every member of its spec may be missing.
 */
export function parseLease(body: unknown): StoredLease | undefined {
  const object = asObject(body);
  if (object?.['kind'] !== 'Lease') return undefined;
  const spec = asObject(object['spec']) ?? {};
  return {
    object,
    record: {
      holder: asText(spec['holderIdentity']) ?? '',
      durationSeconds: countOf(spec['leaseDurationSeconds']),
      acquireTime: asText(spec['acquireTime']) ?? '',
      renewTime: asText(spec['renewTime']) ?? '',
      transitions: countOf(spec['leaseTransitions']),
    },
  };
}

/**
 * Returns the object to send: a new Lease, or the one that was read. With its resourceVersion the API server
 * refuses to overwrite a newer one.
 */
export function leaseObject(
  { namespace, name }: { namespace: string; name: string },
  record: LeaseRecord,
  previous: StoredLease | undefined,
): JsonObject {
  const object = previous?.object ?? {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace, name },
  };
  return {
    ...object,
    spec: {
      ...asObject(object['spec']),
      holderIdentity: record.holder,
      leaseDurationSeconds: record.durationSeconds,
      acquireTime: record.acquireTime,
      renewTime: record.renewTime,
      leaseTransitions: record.transitions,
    },
  };
}

/** Formats a time for a Lease: RFC 3339 with six decimals. [k8s] MicroTime */
export function microTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z');
}

function countOf(value: unknown): number {
  return typeof value === 'number' && value >= 0 ? value : 0;
}
