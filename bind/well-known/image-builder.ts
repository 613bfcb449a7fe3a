import { none, type PolicyDefinition } from './policy.ts';

/** Named imageBuilder by eksctl. */
export const imageBuilder: PolicyDefinition = {
  name: 'image-builder',
  description: 'Builds that pull from and push to every repository of ECR',
  serviceAccount: undefined,
  managedPolicies: ['AmazonEC2ContainerRegistryPowerUser'],
  statements: none,
};
