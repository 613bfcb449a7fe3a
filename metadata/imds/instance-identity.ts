import type { EndpointFacts } from '../endpoint-facts.ts';
import { spacedJson } from './spaced-json.ts';

/**
 * `dynamic/instance-identity/document`, with what is known of a pod. EC2 User Guide, "Instance identity documents". There is no signature
 * beside it: nobody but AWS can make one.
 */
export function instanceIdentityDocument({
  role,
  region,
  availabilityZone,
  instanceId,
}: EndpointFacts): string {
  return spacedJson({ accountId: role.account, availabilityZone, instanceId, region });
}
