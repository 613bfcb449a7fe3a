import { auditSettings } from '../../doctor/audit/settings.ts';
import { defineCommand } from '../command.ts';

export const audit = defineCommand({
  description: `Shows who may assume what: every ServiceAccount, pod and container of one or several clusters, joined with the roles of the AWS account, whose trust policies are evaluated as STS evaluates them. It finds wildcards, missing conditions, dead providers, unused and shared roles, roles of nodes, rights by which somebody takes the role of a ServiceAccount, and static AWS keys, of which it prints the last four characters.

It changes nothing. In the cluster it lists ServiceAccounts, pods, namespaces, nodes, DaemonSets, webhook configurations with their endpoints, Roles, ClusterRoles and their bindings, ConfigMaps and Secrets (not with --static-keys=false), and reads the issuer. In IAM it uses ListRoles, GetRole, ListOpenIDConnectProviders, GetOpenIDConnectProvider and ListInstanceProfiles. What it may not read it names, and goes on. System users, groups and bindings of the control plane are left out. AWS credentials and region are found as the AWS CLI finds them.`,
  examples: [
    ['audit', 'The cluster of your kubeconfig'],
    ['audit --context prod --context staging --report audit.html', 'Two clusters, as a page for an auditor'],
    ['audit --role arn:aws:iam::111122223333:role/shop-web', 'Who may assume this role?'],
    ['audit --fail-on high -o sarif', 'In CI, for code scanning'],
    ['audit --probe-metadata', 'Also try whether pods reach the role of their node'],
  ],
  settings: auditSettings,
  exitsWithOne: 'findings (with --fail-on)',
  progress: () => 'reading IAM and the cluster',
  run: async (settings, terminal) => {
    const [{ runAudit }, { probeMetadata }] = await Promise.all([
      import('../../doctor/run-audit.ts'),
      import('../../test-pod/metadata/probe-metadata.ts'),
    ]);
    return await runAudit(settings, { ...terminal, probeMetadata });
  },
});
