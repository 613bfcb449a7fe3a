import type { PolicyDefinition } from './policy.ts';

/** Auto discovery looks for this tag on the group, with any value. */
const ENABLED_TAG = 'aws:ResourceTag/k8s.io/cluster-autoscaler/enabled';

/** [Cluster Autoscaler, cloudprovider/aws/README.md, full set of features] */
export const clusterAutoscaler: PolicyDefinition = {
  name: 'cluster-autoscaler',
  description: 'Cluster Autoscaler; changes only groups with the tag k8s.io/cluster-autoscaler/enabled',
  serviceAccount: { namespace: 'kube-system', name: 'cluster-autoscaler' },
  managedPolicies: [],
  statements: () => [
    {
      Effect: 'Allow',
      Action: [
        'autoscaling:DescribeAutoScalingGroups',
        'autoscaling:DescribeAutoScalingInstances',
        'autoscaling:DescribeLaunchConfigurations',
        'autoscaling:DescribeScalingActivities',
        'autoscaling:DescribeTags',
        'ec2:DescribeImages',
        'ec2:DescribeInstanceTypes',
        'ec2:DescribeLaunchTemplateVersions',
        'ec2:GetInstanceTypesFromInstanceRequirements',
        'eks:DescribeNodegroup',
      ],
      Resource: '*',
    },
    {
      Effect: 'Allow',
      Action: ['autoscaling:SetDesiredCapacity', 'autoscaling:TerminateInstanceInAutoScalingGroup'],
      Resource: '*',
      Condition: { Null: { [ENABLED_TAG]: 'false' } },
    },
  ],
};
