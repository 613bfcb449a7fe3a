import { awsAccountOf } from '../../lib/arn.ts';
import { type EndpointFacts, zoneOf } from '../endpoint-facts.ts';
import { spacedJson } from './spaced-json.ts';

/**
 * Returns `dynamic/instance-identity/document`, with the known facts of a pod. EC2 User Guide, "Instance
 * identity documents". It has no signature: only AWS can make one. A role of another server has no accountId:
 * clients take it for the number of an AWS account.
 */
export function instanceIdentityDocument(facts: EndpointFacts): string {
  const { role, region, instanceId } = facts;
  return spacedJson({
    accountId: awsAccountOf(role),
    availabilityZone: zoneOf(facts),
    instanceId,
    region,
  });
}
