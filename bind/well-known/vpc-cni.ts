import { none, type PolicyDefinition } from './policy.ts';

/** Step 3 of AWS's page on the VPC CNI: without it, every pod can still use the policy by the node's role. */
const AFTERWARDS =
  'once aws-node runs with this role, detach AmazonEKS_CNI_Policy from the role of the nodes; docs/node-metadata.md says how';
const AWS_NODE = { namespace: 'kube-system', name: 'aws-node' };

export const vpcCni: PolicyDefinition = {
  name: 'vpc-cni',
  description: 'Amazon VPC CNI, clusters of IPv4',
  serviceAccount: AWS_NODE,
  afterwards: AFTERWARDS,
  managedPolicies: ['AmazonEKS_CNI_Policy'],
  statements: none,
};

/**
 * AWS has no managed policy for IPv6. [Amazon EKS User Guide, "Configure Amazon VPC CNI plugin to use IRSA"]
 */
export const vpcCniIpv6: PolicyDefinition = {
  name: 'vpc-cni-ipv6',
  description: 'Amazon VPC CNI, clusters of IPv6',
  serviceAccount: AWS_NODE,
  afterwards: AFTERWARDS,
  managedPolicies: [],
  statements: (partition) => [
    {
      Effect: 'Allow',
      Action: [
        'ec2:AssignIpv6Addresses',
        'ec2:DescribeInstances',
        'ec2:DescribeInstanceTypes',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeTags',
      ],
      Resource: '*',
    },
    {
      Effect: 'Allow',
      Action: ['ec2:CreateTags'],
      Resource: `arn:${partition}:ec2:*:*:network-interface/*`,
    },
  ],
};
