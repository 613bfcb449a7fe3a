import { createHash } from 'node:crypto';
import { dateWithoutMilliseconds } from '../../lib/text/date-without-milliseconds.ts';
import type { EndpointFacts } from '../endpoint-facts.ts';
import { spacedJson } from './spaced-json.ts';

/**
 * Returns `iam/info`. EC2 User Guide, "Instance metadata categories". A pod has no instance profile. The
 * document names the one that the console creates for each EC2 role, with the path and name of the role.
 * For a role of another server the account in it is the role's, or empty: clients read name and path.
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

/**
 * Returns 17 characters like those of IAM's unique ids, the same for the same ARN. IAM does not know this id.
 * [iam] "IAM identifiers", unique ids
 */
function uniqueIdOf(arn: string): string {
  const digest = createHash('sha256').update(arn).digest();
  return Array.from(digest.subarray(0, UNIQUE_ID_LENGTH), (byte) =>
    BASE_32.charAt(byte % BASE_32.length),
  ).join('');
}
