import { bindSettings } from '../../bind/settings.ts';
import { defineCommand, EXIT } from '../command.ts';

export const bind = defineCommand({
  description: `Gives a ServiceAccount an IAM role of its own: OIDC provider, role with an exact trust policy, policies, annotation.
It prints what would change, as a diff against IAM and the cluster; --approve makes the changes. Run again, it mends what has drifted and finds no changes otherwise. It never takes away what it did not put there, unless --prune is given.
AWS credentials and region are found as the AWS CLI finds them, the cluster as kubectl does.`,
  examples: [
    [
      'bind -n shop web --attach-policy-arn arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess',
      'Show what is missing',
    ],
    ['bind -n kube-system aws-node --well-known vpc-cni --approve --restart', 'The VPC CNI, to the end'],
    ['bind -f bindings.yaml --exit-code', 'In CI: fail where something has drifted'],
    ['bind -n shop web --role-name shop --policy-file s3.json -o terraform', 'Leave it to Terraform'],
    [
      'bind -n shop web --also-issuer https://new.example.com --approve',
      'Before the cluster’s issuer changes',
    ],
  ],
  settings: bindSettings,
  operands: [
    { placeholder: '[serviceaccount]', help: 'Name of the ServiceAccount, where no --filename names it' },
  ],
  progress: (settings) => (settings.approve ? 'binding' : 'reading IAM and the cluster'),
  run: async (settings, terminal, operands) => {
    const { runBind } = await import('../../bind/run-bind.ts');
    return (await runBind(settings, terminal, operands)) ? EXIT.ok : EXIT.failed;
  },
});
