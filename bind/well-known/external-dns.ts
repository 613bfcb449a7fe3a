import type { PolicyDefinition } from './policy.ts';

/** [ExternalDNS, docs/tutorials/aws.md] */
export const externalDns: PolicyDefinition = {
  name: 'external-dns',
  description: 'ExternalDNS; records of every hosted zone of the account',
  serviceAccount: { namespace: 'external-dns', name: 'external-dns' },
  managedPolicies: [],
  statements: (partition) => [
    {
      Effect: 'Allow',
      Action: ['route53:ChangeResourceRecordSets'],
      Resource: `arn:${partition}:route53:::hostedzone/*`,
    },
    {
      Effect: 'Allow',
      Action: [
        'route53:ListHostedZones',
        'route53:ListResourceRecordSets',
        'route53:ListTagsForResource',
        'route53:ListTagsForResources',
      ],
      Resource: '*',
    },
  ],
};
