import { PodroleError } from '../../lib/errors.ts';
import type { InlinePolicy } from '../iam/inline-policy.ts';
import { awsLoadBalancerController } from './aws-load-balancer-controller.ts';
import { certManager } from './cert-manager.ts';
import { clusterAutoscaler } from './cluster-autoscaler.ts';
import { ebsCsi, efsCsi } from './csi-drivers.ts';
import { externalDns } from './external-dns.ts';
import { externalSecrets } from './external-secrets.ts';
import { imageBuilder } from './image-builder.ts';
import type { PolicyDefinition } from './policy.ts';
import { vpcCni, vpcCniIpv6 } from './vpc-cni.ts';

/** A well-known policy in one partition. */
export interface WellKnownPolicy extends Omit<PolicyDefinition, 'managedPolicies' | 'statements'> {
  readonly managedPolicyArns: readonly string[];
  /** Empty, or one policy with the name of the well-known policy. */
  readonly inlinePolicies: readonly InlinePolicy[];
}

const DEFINITIONS: readonly PolicyDefinition[] = [
  vpcCni,
  vpcCniIpv6,
  clusterAutoscaler,
  awsLoadBalancerController,
  externalDns,
  certManager,
  ebsCsi,
  efsCsi,
  externalSecrets,
  imageBuilder,
];

export const wellKnownPolicyNames: readonly string[] = DEFINITIONS.map(({ name }) => name);

/** True for the ARN of a managed policy that some well-known policy attaches, in any partition. */
export function isOfWellKnownPolicy(arn: string): boolean {
  const [, name] = /^arn:[^:]+:iam::aws:policy\/(.+)$/.exec(arn) ?? [];
  return DEFINITIONS.some(({ managedPolicies }) => name !== undefined && managedPolicies.includes(name));
}

/**
 * Returns the policy that a name of `--well-known` stands for.
 * @param partition `aws`, `aws-cn`, …
 * @throws PodroleError `UNKNOWN_POLICY`
 */
export function wellKnownPolicy(name: string, partition: string): WellKnownPolicy {
  const found = DEFINITIONS.find((definition) => definition.name === name);
  if (!found) {
    throw new PodroleError({
      code: 'UNKNOWN_POLICY',
      object: `well-known policy ${name}`,
      problem: 'is not known',
      remedy: `give one of ${wellKnownPolicyNames.join(', ')}`,
    });
  }
  const { managedPolicies, statements, ...described } = found;
  const Statement = statements(partition);
  return {
    ...described,
    managedPolicyArns: managedPolicies.map((policy) => `arn:${partition}:iam::aws:policy/${policy}`),
    inlinePolicies: Statement.length > 0 ? [{ name, document: { Version: '2012-10-17', Statement } }] : [],
  };
}

/** Returns what remains to be done by hand after binding these well-known policies. */
export function afterwardsOf(names: readonly string[]): readonly string[] {
  return DEFINITIONS.filter(({ name }) => names.includes(name)).flatMap(({ afterwards = [] }) => afterwards);
}
