import { listSettings } from '../../bind/list/settings.ts';
import { defineCommand } from '../command.ts';

export const list = defineCommand({
  description: `Lists the ServiceAccounts that have a role and the roles that are for ServiceAccounts, and checks that each pair matches. The role's trust policy is evaluated as STS evaluates it, with the ServiceAccount's issuer, subject and audience. States:

  bound           the role accepts this ServiceAccount
  restricted      the role accepts it only under conditions that podrole cannot
                  check, such as a source address
  drifted         both exist, but the role does not accept the ServiceAccount,
                  or the ServiceAccount does not name the role
  no role         the annotated role does not exist
  orphaned        the role's ServiceAccount does not exist
  foreign issuer  the role trusts only other issuers
  wildcard        the role accepts more than single ServiceAccounts, or tokens
                  for any audience
  other account   the role is in an account that these credentials cannot read
  unbound         the ServiceAccount has no role; only with --all

It changes nothing. From IAM it reads the list of roles, the OIDC provider of the issuer, the policies of bound roles, and the tags of each role that trusts an OIDC provider and that no ServiceAccount names. A container with a role of its own has a row of its own: NAME/CONTAINER. AWS credentials and region are found as the AWS CLI finds them.`,
  examples: [
    ['list', 'All namespaces of the cluster of your kubeconfig'],
    ['list -n shop -o json', 'One namespace, for a program'],
    ['list shop/web', 'One ServiceAccount and the containers of its pods'],
    ['list --pod-role-annotation iam.amazonaws.com/role', 'Also roles that pods name, as with kube2iam'],
    ['list --exit-code', 'In CI: fail if something needs fixing'],
  ],
  settings: listSettings,
  operands: [
    {
      placeholder: '[serviceaccount...]',
      help: 'Only these ServiceAccounts, with or without a role: web, sa/web or shop/web',
    },
  ],
  progress: () => 'reading IAM and the cluster',
  run: async (settings, terminal, operands) => {
    const { runList } = await import('../../bind/list/run-list.ts');
    return await runList(settings, terminal, operands);
  },
});
