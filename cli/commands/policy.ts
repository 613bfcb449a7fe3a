import { policyCommandSettings } from '../../policy/report/settings.ts';
import { defineCommand } from '../command.ts';

export const policy = defineCommand({
  description: `Shows for each namespace which roles its pods may use, and which ServiceAccounts and pods use one that they may not. The rules are those of the policy file and of the annotation podrole.dev/allowed-roles of the Namespace. Every rule that is there must allow a role. The webhook judges by them only with --role-policy-file, --pod-role-annotation, --policy audit or --policy enforce. For roles that a pod names itself (--pod-role-annotation), iam.amazonaws.com/permitted of kiam and iam.amazonaws.com/allowed-roles of kube2iam decide too.

It changes nothing. In the cluster it lists namespaces, ServiceAccounts and pods. With operands it asks only the policy file.

With -o vap it prints policy file and podrole.dev/allowed-roles as ValidatingAdmissionPolicies of Kubernetes 1.30 and later, for kubectl apply: the API server then judges ServiceAccounts, and AWS_ROLE_ARN of pods, without a webhook. --policy chooses Deny (enforce), Warn or Audit. The two annotations of kube2iam and kiam are not in it: CEL cannot parse JSON, and does not know who named the role. The webhook judges them.`,
  examples: [
    ['policy -f policy.yaml', 'All namespaces of the cluster of your kubeconfig'],
    ['policy -f policy.yaml -n shop -o json', 'One namespace, for a program'],
    [
      'policy -f policy.yaml --exit-code shop/web=arn:aws:iam::111122223333:role/shop-web',
      'In CI, without a cluster: may it?',
    ],
    ['policy -f policy.yaml --policy enforce -o vap', 'Manifests for kubectl apply -f -'],
  ],
  settings: policyCommandSettings,
  operands: [
    {
      placeholder: '[namespace/serviceaccount=role...]',
      help: 'Ask only the policy file: may pods of this ServiceAccount use this role?',
    },
  ],
  progress: ({ output }) => (output === 'vap' ? undefined : 'reading the cluster'),
  run: async (settings, terminal, operands) => {
    const [{ runPolicy }, { parseContainerRoles }] = await Promise.all([
      import('../../policy/run-policy.ts'),
      import('../../identity/annotations/container-roles.ts'),
    ]);
    const rolesInList = (list: string): readonly string[] => {
      const parsed = parseContainerRoles(list);
      return 'entries' in parsed ? parsed.entries.map(([, role]) => role) : [];
    };
    return await runPolicy(settings, { ...terminal, rolesInList }, operands);
  },
});
