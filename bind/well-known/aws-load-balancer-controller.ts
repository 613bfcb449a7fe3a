import type { PolicyDefinition, PolicyStatement } from './policy.ts';

/** The controller tags what it creates, and may change only what has the tag. */
const CLUSTER_TAG = 'elbv2.k8s.aws/cluster';
const ON_REQUEST = `aws:RequestTag/${CLUSTER_TAG}`;
const ON_RESOURCE = `aws:ResourceTag/${CLUSTER_TAG}`;

const READ = [
  'ec2:DescribeAccountAttributes',
  'ec2:DescribeAddresses',
  'ec2:DescribeAvailabilityZones',
  'ec2:DescribeCoipPools',
  'ec2:DescribeInstances',
  'ec2:DescribeInternetGateways',
  'ec2:DescribeIpamPools',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeRouteTables',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSubnets',
  'ec2:DescribeTags',
  'ec2:DescribeVpcPeeringConnections',
  'ec2:DescribeVpcs',
  'ec2:GetCoipPoolUsage',
  'ec2:GetSecurityGroupsForVpc',
  'elasticloadbalancing:DescribeCapacityReservation',
  'elasticloadbalancing:DescribeListenerAttributes',
  'elasticloadbalancing:DescribeListenerCertificates',
  'elasticloadbalancing:DescribeListeners',
  'elasticloadbalancing:DescribeLoadBalancerAttributes',
  'elasticloadbalancing:DescribeLoadBalancers',
  'elasticloadbalancing:DescribeRules',
  'elasticloadbalancing:DescribeSSLPolicies',
  'elasticloadbalancing:DescribeTags',
  'elasticloadbalancing:DescribeTargetGroupAttributes',
  'elasticloadbalancing:DescribeTargetGroups',
  'elasticloadbalancing:DescribeTargetHealth',
  'elasticloadbalancing:DescribeTrustStores',
];

/** Certificates, sign-in, firewall and Shield of a load balancer. */
const NEIGHBOURS = [
  'acm:DescribeCertificate',
  'acm:ListCertificates',
  'cognito-idp:DescribeUserPoolClient',
  'iam:GetServerCertificate',
  'iam:ListServerCertificates',
  'shield:CreateProtection',
  'shield:DeleteProtection',
  'shield:DescribeProtection',
  'shield:GetSubscriptionState',
  'waf-regional:AssociateWebACL',
  'waf-regional:DisassociateWebACL',
  'waf-regional:GetWebACL',
  'waf-regional:GetWebACLForResource',
  'wafv2:AssociateWebACL',
  'wafv2:DisassociateWebACL',
  'wafv2:GetWebACL',
  'wafv2:GetWebACLForResource',
];

/** Without conditions: listeners and rules have no tag yet when they are created. */
const UNTAGGED = [
  'elasticloadbalancing:AddListenerCertificates',
  'elasticloadbalancing:CreateListener',
  'elasticloadbalancing:CreateRule',
  'elasticloadbalancing:DeleteListener',
  'elasticloadbalancing:DeleteRule',
  'elasticloadbalancing:ModifyListener',
  'elasticloadbalancing:ModifyRule',
  'elasticloadbalancing:RemoveListenerCertificates',
  'elasticloadbalancing:SetRulePriorities',
  'elasticloadbalancing:SetWebAcl',
];

const CHANGE_TAGGED = [
  'elasticloadbalancing:DeleteLoadBalancer',
  'elasticloadbalancing:DeleteTargetGroup',
  'elasticloadbalancing:ModifyCapacityReservation',
  'elasticloadbalancing:ModifyIpPools',
  'elasticloadbalancing:ModifyListenerAttributes',
  'elasticloadbalancing:ModifyLoadBalancerAttributes',
  'elasticloadbalancing:ModifyTargetGroup',
  'elasticloadbalancing:ModifyTargetGroupAttributes',
  'elasticloadbalancing:SetIpAddressType',
  'elasticloadbalancing:SetSecurityGroups',
  'elasticloadbalancing:SetSubnets',
];

const TAG = ['elasticloadbalancing:AddTags', 'elasticloadbalancing:RemoveTags'];

/** [AWS Load Balancer Controller, docs/install/iam_policy.json] */
export const awsLoadBalancerController: PolicyDefinition = {
  name: 'aws-load-balancer-controller',
  description: 'AWS Load Balancer Controller',
  serviceAccount: { namespace: 'kube-system', name: 'aws-load-balancer-controller' },
  managedPolicies: [],
  statements: (partition) => {
    const elb = (resource: string) => `arn:${partition}:elasticloadbalancing:*:*:${resource}`;
    const balancers = [elb('targetgroup/*/*'), elb('loadbalancer/net/*/*'), elb('loadbalancer/app/*/*')];
    const listeners = ['listener/net', 'listener/app', 'listener-rule/net', 'listener-rule/app'];
    return [
      allow(['iam:CreateServiceLinkedRole'], '*', {
        StringEquals: { 'iam:AWSServiceName': `elasticloadbalancing.amazonaws.com` },
      }),
      allow(READ, '*'),
      allow(NEIGHBOURS, '*'),
      ...securityGroups(`arn:${partition}:ec2:*:*:security-group/*`),
      allow(['elasticloadbalancing:CreateLoadBalancer', 'elasticloadbalancing:CreateTargetGroup'], '*', {
        Null: { [ON_REQUEST]: 'false' },
      }),
      allow(UNTAGGED, '*'),
      allow(TAG, balancers, { Null: { [ON_REQUEST]: 'true', [ON_RESOURCE]: 'false' } }),
      allow(
        TAG,
        listeners.map((kind) => elb(`${kind}/*/*/*`)),
      ),
      allow(CHANGE_TAGGED, '*', { Null: { [ON_RESOURCE]: 'false' } }),
      allow(['elasticloadbalancing:AddTags'], balancers, {
        StringEquals: { 'elasticloadbalancing:CreateAction': ['CreateTargetGroup', 'CreateLoadBalancer'] },
        Null: { [ON_REQUEST]: 'false' },
      }),
      allow(
        ['elasticloadbalancing:DeregisterTargets', 'elasticloadbalancing:RegisterTargets'],
        elb('targetgroup/*/*'),
      ),
    ];
  },
};

function securityGroups(groupArns: string): readonly PolicyStatement[] {
  const rules = ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress'];
  return [
    // Also for the security groups of nodes, which are not the controller's own.
    allow([...rules, 'ec2:CreateSecurityGroup'], '*'),
    allow(['ec2:DeleteSecurityGroup'], '*', { Null: { [ON_RESOURCE]: 'false' } }),
    allow(['ec2:CreateTags'], groupArns, {
      StringEquals: { 'ec2:CreateAction': 'CreateSecurityGroup' },
      Null: { [ON_REQUEST]: 'false' },
    }),
    allow(['ec2:CreateTags', 'ec2:DeleteTags'], groupArns, {
      Null: { [ON_REQUEST]: 'true', [ON_RESOURCE]: 'false' },
    }),
  ];
}

function allow(
  Action: readonly string[],
  Resource: PolicyStatement['Resource'],
  Condition?: PolicyStatement['Condition'],
): PolicyStatement {
  return { Effect: 'Allow', Action, Resource, ...(Condition ? { Condition } : {}) };
}
