import { bindSettings } from '../../bind/settings.ts';
import { defineCommand } from '../command.ts';

export const bind = defineCommand({
  description: `Gives a ServiceAccount its own IAM role: OIDC provider, role with an exact trust policy, policies, annotation.
It prints the changes as a diff against IAM and the cluster; --approve makes them. -o json and -o yaml print them for programs, and -o aws-cli, terraform or cloudformation exports what the bindings need. Run it again to repair drift; without drift it finds no changes. A flag that is not given leaves things as they are. Lines marked REMOVAL take something away: what podrole added and your list no longer names, what --drop-issuer names, or, with --prune, what others added.
AWS credentials and region are found as the AWS CLI finds them, the cluster as kubectl finds it.`,
  examples: [
    [
      'bind -n shop web --attach-policy-arn arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess',
      'Print what is missing',
    ],
    [
      'bind -n kube-system aws-node --well-known vpc-cni --approve --restart',
      'Bind the VPC CNI and restart it',
    ],
    [
      'bind -n shop web --container fluentd --policy-file logs.json',
      'A role for one container of the pods; the other roles stay',
    ],
    [
      'bind -n shop web --cluster-name prod --target-role-arn arn:aws:iam::444455556666:role/reports',
      'A role of another account, which the role of the pods assumes',
    ],
    ['bind sa/web -n shop --adopt', 'Keep the role that the ServiceAccount has'],
    ['bind -f bindings/ -R', 'All bindings of a folder and of the folders in it'],
    ['bind -f bindings.yaml --adopt', 'Keep the roles that eksctl or others created'],
    ['bind -f bindings.yaml --exit-code', 'In CI: fail if something has drifted'],
    ['bind -n shop web --role-name shop --policy-file s3.json -o terraform', 'Export to Terraform'],
    [
      'bind -n shop web --also-issuer https://new.example.com --approve',
      "Before the cluster's issuer changes; the policies stay",
    ],
    ["bind -n shop web --attach-policy-arn ''", 'Detach the policies that podrole attached'],
  ],
  settings: bindSettings,
  operands: [
    {
      placeholder: '[serviceaccount...]',
      help: 'ServiceAccount, unless --filename is given: web, sa/web or shop/web',
    },
  ],
  progress: (settings) => (settings.approve ? 'binding' : 'reading IAM and the cluster'),
  run: async (settings, terminal, operands) => {
    const { runBind } = await import('../../bind/run-bind.ts');
    return await runBind(settings, terminal, operands);
  },
});
