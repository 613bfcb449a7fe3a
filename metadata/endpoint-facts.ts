import type { RoleArn } from '../lib/arn.ts';

/** What the endpoints tell of the workload, besides its session. All of it is fixed while the sidecar runs. */
export interface EndpointFacts {
  readonly role: RoleArn;
  readonly region: string;
  /** `eu-central-1a`; without it the zone's paths do not exist. */
  readonly availabilityZone?: string | undefined;
  /** `euc1-az2`; without it its path does not exist. */
  readonly availabilityZoneId?: string | undefined;
  /** `i-` and 17 hexadecimal digits. */
  readonly instanceId: string;
  /** When the sidecar started: `LastUpdated` of `iam/info`. */
  readonly startedAt: Date;
}
