import { none, type PolicyDefinition } from './policy.ts';

const AWS_NODE = { namespace: 'kube-system', name: 'aws-node' };

export const vpcCni: PolicyDefinition = {
  name: 'vpc-cni',
  description: 'Amazon VPC CNI, clusters of IPv4',
  serviceAccount: AWS_NODE,
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
