import type { RoleArn } from '../lib/arn.ts';

/**
 * Facts about the workload that the endpoints serve besides its session. They do not change while the sidecar
 * runs.
 */
export interface EndpointFacts {
  readonly role: RoleArn;
  readonly region: string;
  /** `eu-central-1a`; default: a zone made of the region, see zoneOf. */
  readonly availabilityZone?: string | undefined;
  /** `euc1-az2`; without it its path does not exist. */
  readonly availabilityZoneId?: string | undefined;
  /** `i-` and 17 hexadecimal digits. */
  readonly instanceId: string;
  /** Start of the sidecar: `LastUpdated` of `iam/info`. */
  readonly startedAt: Date;
}

/**
 * Returns the zone to report; without a known one, the first zone of the region. fog-aws and the SDK for C++
 * take their region from the zone, and would have none.
 */
export function zoneOf({ availabilityZone, region }: EndpointFacts): string {
  return availabilityZone || `${region}a`;
}
