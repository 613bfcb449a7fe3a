import { createHash } from 'node:crypto';
import { dateWithoutMilliseconds } from '../date-without-milliseconds.ts';
import type { EndpointFacts } from '../endpoint-facts.ts';
import { spacedJson } from './spaced-json.ts';

/**
 * `iam/info`. EC2 User Guide, "Instance metadata categories". A pod has no instance profile: the one named here is that of the console,
 * which makes a profile of the role's own path and name for each EC2 role.
 */
export function instanceProfileDocument({ role, startedAt }: EndpointFacts): string {
  const arn = `arn:${role.partition}:iam::${role.account}:instance-profile${role.path}${role.name}`;
  return spacedJson({
    Code: 'Success',
    LastUpdated: dateWithoutMilliseconds(startedAt),
    InstanceProfileArn: arn,
    InstanceProfileId: `AIPA${uniqueIdOf(arn)}`,
  });
}

const BASE_32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const UNIQUE_ID_LENGTH = 17;

/** 17 characters as IAM's unique ids have them, the same for the same ARN; IAM knows nothing of it. [iam] "IAM identifiers", unique ids */
function uniqueIdOf(arn: string): string {
  const digest = createHash('sha256').update(arn).digest();
  return Array.from(digest.subarray(0, UNIQUE_ID_LENGTH), (byte) =>
    BASE_32.charAt(byte % BASE_32.length),
  ).join('');
}
