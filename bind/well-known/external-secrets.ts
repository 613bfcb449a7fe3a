import type { PolicyDefinition } from './policy.ts';

/** [External Secrets Operator, providers "AWS Secrets Manager" and "AWS Parameter Store"] */
export const externalSecrets: PolicyDefinition = {
  name: 'external-secrets',
  description: 'External Secrets Operator; reads every secret and parameter under AWS-managed keys',
  serviceAccount: { namespace: 'external-secrets', name: 'external-secrets' },
  managedPolicies: [],
  statements: (partition) => [
    {
      Effect: 'Allow',
      Action: [
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetResourcePolicy',
        'secretsmanager:GetSecretValue',
        'secretsmanager:ListSecretVersionIds',
      ],
      Resource: `arn:${partition}:secretsmanager:*:*:secret:*`,
    },
    {
      Effect: 'Allow',
      Action: ['ssm:GetParameter', 'ssm:GetParameters', 'ssm:GetParametersByPath', 'ssm:ListTagsForResource'],
      Resource: `arn:${partition}:ssm:*:*:parameter/*`,
    },
    {
      Effect: 'Allow',
      Action: ['secretsmanager:BatchGetSecretValue', 'secretsmanager:ListSecrets', 'ssm:DescribeParameters'],
      Resource: '*',
    },
  ],
};
