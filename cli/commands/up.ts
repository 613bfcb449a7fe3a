import { upSettings } from '../../up/settings.ts';
import { defineCommand } from '../command.ts';

export const up = defineCommand({
  description: `Brings a cluster that has nothing to the point where its pods can get roles: checks the issuer, publishes its keys, creates its OIDC provider in IAM, and installs the webhook.
It prints the plan; --approve carries it out and waits until the webhook is ready. A second run finds nothing to do, repairs what was changed by hand, and goes on where an interrupted run ended.
Nothing is removed. If the issuer cannot work with STS, it says which flags the API servers need.`,
  examples: [
    ['up --to s3://podrole-keys --create-bucket', 'Print the plan; the bucket serves the keys'],
    [
      'up --to s3://podrole-keys --create-bucket --image registry.example.com/podrole:0.1.0 --aws-region eu-west-1 --approve',
      'Carry it out, with an image of your registry',
    ],
    ['up --exit-code', 'See whether something has changed; the keys are published elsewhere'],
    ['up --annotation-prefix podrole.dev --approve', 'On EKS, beside the webhook of AWS'],
  ],
  settings: upSettings,
  progress: () => 'reading the cluster, the issuer and IAM',
  run: async (settings, terminal) => {
    const { runUp } = await import('../../up/run-up.ts');
    return await runUp(settings, terminal);
  },
});
