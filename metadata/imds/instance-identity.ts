import type { EndpointFacts } from '../endpoint-facts.ts';
import { spacedJson } from './spaced-json.ts';

/**
 * Returns `dynamic/instance-identity/document`, with the known facts of a pod. EC2 User Guide, "Instance
 * identity documents". It has no signature: only AWS can make one.
 */
export function instanceIdentityDocument({
  role,
  region,
  availabilityZone,
  instanceId,
}: EndpointFacts): string {
  return spacedJson({ accountId: role.account, availabilityZone, instanceId, region });
}
