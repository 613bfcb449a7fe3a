import type { PolicyDefinition } from './policy.ts';

/**
 * [cert-manager, "Route53" of its ACME DNS01 configuration]: a challenge is a TXT record, so no other type
 * may be changed.
 */
export const certManager: PolicyDefinition = {
  name: 'cert-manager',
  description: 'cert-manager, DNS01 challenges; TXT records of every hosted zone of the account',
  serviceAccount: { namespace: 'cert-manager', name: 'cert-manager' },
  managedPolicies: [],
  statements: (partition) => [
    { Effect: 'Allow', Action: ['route53:GetChange'], Resource: `arn:${partition}:route53:::change/*` },
    {
      Effect: 'Allow',
      Action: ['route53:ChangeResourceRecordSets'],
      Resource: `arn:${partition}:route53:::hostedzone/*`,
      Condition: { 'ForAllValues:StringEquals': { 'route53:ChangeResourceRecordSetsRecordTypes': ['TXT'] } },
    },
    {
      Effect: 'Allow',
      Action: ['route53:ListResourceRecordSets'],
      Resource: `arn:${partition}:route53:::hostedzone/*`,
    },
    { Effect: 'Allow', Action: ['route53:ListHostedZonesByName'], Resource: '*' },
  ],
};
