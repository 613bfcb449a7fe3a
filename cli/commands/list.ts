import { listSettings } from '../../bind/list/settings.ts';
import { defineCommand, EXIT } from '../command.ts';

export const list = defineCommand({
  description: `Lists the ServiceAccounts that have a role and the roles that are meant for ServiceAccounts, and says of each whether one leads to the other. The role's trust policy is evaluated as STS does, with the ServiceAccount's issuer, subject and audience. States:

  bound           the role lets in this ServiceAccount
  drifted         both exist, but one does not lead to the other
  no role         the annotated role does not exist
  orphaned        the role's ServiceAccount does not exist
  foreign issuer  the role trusts other issuers alone
  wildcard        the role lets in more than single ServiceAccounts
  other account   the role is in an account that is not seen
  unbound         no role (with --all)

Nothing is changed. IAM is asked for the list of roles, and for the tags of each role that trusts an OIDC provider and that no ServiceAccount names. Region and credentials are those of the AWS CLI.`,
  examples: [
    ['list', 'All namespaces of the cluster of your kubeconfig'],
    ['list -n shop -o json', 'One namespace, for a program'],
    ['list --exit-code', 'In CI: fail where something is not as it should be'],
  ],
  settings: listSettings,
  progress: () => 'reading IAM and the cluster',
  run: async (settings, terminal) => {
    const { runList } = await import('../../bind/list/run-list.ts');
    return (await runList(settings, terminal)) ? EXIT.ok : EXIT.failed;
  },
});
