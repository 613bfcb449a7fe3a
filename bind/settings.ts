import { clusterSettings } from '../kubernetes/settings.ts';
import { DEFAULT_ANNOTATION_PREFIX, DEFAULT_TOKEN_AUDIENCE } from '../lib/contract/aws-webhook.ts';
import { IAM_ROLE, PARTITION, REGION } from '../lib/contract/iam.ts';
import { DEFAULT_NAMESPACE } from '../lib/operands/service-accounts.ts';
import { account } from '../lib/settings/account-setting.ts';
import { choice, integer, list, matching, string, toggle, wholeList } from '../lib/settings/kinds.ts';
import { resultOutput } from '../lib/settings/output-setting.ts';
import type { SettingsOf } from '../lib/settings/settings.ts';
import { wellKnownPolicyNames } from './well-known/well-known-policy.ts';

/** Other tools that create what bindings need; values of `--output`. */
const EXPORT_FORMATS = ['aws-cli', 'terraform', 'cloudformation'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** True if `--output` asks for an export instead of the plan. */
export function isExportFormat(output: string): output is ExportFormat {
  return EXPORT_FORMATS.some((format) => format === output);
}

/** True for an export that reads neither IAM nor the cluster's objects. */
export function isOfflineExport({
  output,
  importExisting,
}: {
  readonly output: string;
  readonly importExisting: boolean;
}): boolean {
  return isExportFormat(output) && !importExisting;
}

/** Account and issuer. Credentials and region are found as the AWS CLI finds them. */
export const awsSettings = {
  accountId: account({
    shownDefault: 'that of the credentials',
    help: "AWS account, or tenant of Ceph radosgw; none for Ceph's default tenant",
  }),
  partition: matching({
    value: '<partition>',
    pattern: PARTITION,
    expected: 'a partition such as aws or aws-cn',
    shownDefault: 'that of the credentials; with --account-id that of the region',
    help: 'Partition of ARNs: aws, aws-cn or aws-us-gov',
  }),
  issuer: string({
    value: '<url>',
    shownDefault: 'that of the API server',
    help: "Issuer of the cluster's tokens",
  }),
} as const;

export const composeRoleArn = toggle({
  default: false,
  help: 'Complete a role-arn annotation that is only a role name, as podrole webhook does with this flag',
});

const applySettings = {
  approve: toggle({ default: false, help: 'Make the changes instead of only printing them' }),
  details: toggle({ default: false, help: 'Print also what is unchanged, and all new documents' }),
  exitCode: toggle({ default: false, help: 'Exit with 1 if there are changes' }),
} as const;

/** Settings of every command that prints a plan and then may carry it out. */
export const planSettings = {
  output: resultOutput,
  ...applySettings,
} as const;

const roleOwnerSettings = {
  namespace: string({
    value: '<namespace>',
    shownDefault: DEFAULT_NAMESPACE,
    short: 'n',
    help: 'Namespace of the ServiceAccount; with --filename: that of all entries, or it is an error',
  }),
  container: string({
    value: '<container>',
    help: 'Container of the pods whose own role it is, instead of that of the whole pod; other roles stay',
  }),
  roleName: string({
    value: '<name>',
    shownDefault: '[CLUSTER-]NAMESPACE-NAME[-CONTAINER]',
    help: 'Role to use; it may be one that podrole did not create',
  }),
  clusterName: string({
    value: '<name>',
    help: 'Name of the cluster: prefix of the names of its roles, and a part of the external id of a target role',
  }),
  annotationPrefix: string({
    value: '<prefix>',
    default: DEFAULT_ANNOTATION_PREFIX,
    help: 'Prefix of the role-arn, audience and token annotations, as for podrole webhook',
  }),
  composeRoleArn,
} as const;

const fileSettings = {
  filename: list({
    value: '<file>',
    short: 'f',
    help: 'Bindings of podrole or of eksctl: a file, a folder, or - for stdin; may be repeated',
  }),
  recursive: toggle({ default: false, short: 'R', help: 'Also read the subfolders of a folder' }),
} as const;

const WHOLE_LIST = "Replaces what podrole added by this flag before; '' removes all of it";

const TRUST_POLICY_QUOTA = { min: IAM_ROLE.maxTrustPolicyLength, max: 2 * IAM_ROLE.maxTrustPolicyLength };

const anyCluster = toggle({
  default: false,
  help: 'Use this cluster, even if an eksctl file is of another one',
});

const targetProfile = string({
  value: '<profile>',
  help: "AWS profile for the target role's account, if it is another one; without it that role is not changed",
});

/** Settings of `podrole bind`; eksctl's names if it has the option. */
export const bindSettings = {
  ...roleOwnerSettings,
  ...fileSettings,
  anyCluster,
  printSchema: toggle({ default: false, help: 'Only print the JSON schema of bindings files' }),
  attachPolicyArn: wholeList({
    value: '<arn>',
    shownDefault: 'those that the role has',
    help: `Managed policy of the role; may be repeated. ${WHOLE_LIST}`,
  }),
  policyFile: wholeList({
    value: '<file>',
    shownDefault: 'those that the role has',
    help: `JSON file of an inline policy of the role; may be repeated. ${WHOLE_LIST}`,
  }),
  wellKnown: wholeList({
    value: '<name>',
    shownDefault: 'those that the role has',
    help: `Policies of a well-known controller: ${wellKnownPolicyNames.join(', ')}. ${WHOLE_LIST}`,
  }),
  attachRoleArn: string({
    value: '<arn>',
    help: 'Existing role to use; only its trust policy is changed',
  }),
  updateTrust: toggle({
    default: true,
    help: 'With --attach-role-arn: update the trust policy; =false only annotates the ServiceAccount',
  }),
  rolePath: string({
    value: '<path>',
    shownDefault: 'that of the existing role, else /',
    help: 'Path of the role',
  }),
  permissionsBoundary: string({ value: '<arn>', help: 'Permissions boundary of the role' }),
  tags: list({ value: '<key=value>', help: 'Tag of the role; may be repeated' }),
  ownershipTags: toggle({
    default: true,
    help: "Tag new roles as podrole's. With =false, later runs need --role-name; for Ceph radosgw, which refuses every token for a role that has tags",
  }),
  sessionDuration: integer({
    value: '<seconds>',
    ...IAM_ROLE.maxSessionDurationSeconds,
    help: 'Maximum session duration of the role',
  }),
  roleOnly: toggle({ default: false, help: 'Create the role but no ServiceAccount' }),
  overrideExistingServiceaccounts: toggle({
    default: false,
    help: 'Replace the role of a ServiceAccount that has another one',
  }),
  adopt: toggle({
    default: false,
    help: 'Keep the role that a ServiceAccount is annotated with, or that has the name, whoever created it, and tag it as adopted by podrole',
  }),
  subjectPattern: string({
    value: '<pattern>',
    help: "Trust every subject that matches, with * and ?, instead of the ServiceAccount's own",
  }),
  condition: list({
    value: '<operator key=value>',
    help: "Condition to add to podrole's trust statement, such as 'StringEquals aws:SourceVpc=vpc-1'; may be repeated",
  }),
  widenTrust: toggle({
    default: false,
    help: "Remove conditions that you do not ask for from podrole's trust statements, and add a statement even if a statement of others accepts the ServiceAccount only under conditions",
  }),
  tokenAudience: string({
    value: '<audience>',
    shownDefault: `that of the ServiceAccount or of the existing role, else ${DEFAULT_TOKEN_AUDIENCE}`,
    help: 'Audience of the tokens',
  }),
  alsoIssuer: list({
    value: '<url>',
    help: 'Trust this issuer as well, to move to another issuer; may be repeated',
  }),
  dropIssuer: list({
    value: '<url>',
    help: "Remove podrole's statements for this issuer from the trust policy; may be repeated",
  }),
  targetRoleArn: string({
    value: '<arn>',
    help: "Role, of this or another account, that the ServiceAccount's role assumes for its pods; needs --cluster-name",
  }),
  sessionTags: toggle({
    default: true,
    help: 'With --target-role-arn: assume it with session tags that name cluster, namespace, ServiceAccount and pod',
  }),
  region: matching({
    value: '<region>',
    pattern: REGION,
    expected: 'a region such as eu-central-1',
    shownDefault: 'as the AWS CLI',
    help: 'Region of the STS that the pods ask; it is a part of the external id of a target role',
  }),
  targetProfile,
  withProvider: toggle({
    default: true,
    help: 'Create or complete the OIDC provider; =false leaves it to others',
  }),
  thumbprint: list({
    value: '<sha1>',
    shownDefault: 'that of the top certificate that the issuer serves',
    help: 'Thumbprint of a new OIDC provider; may be repeated',
  }),
  trustPolicyLimit: integer({
    value: '<characters>',
    ...TRUST_POLICY_QUOTA,
    default: TRUST_POLICY_QUOTA.min,
    help: "The account's quota for the length of a trust policy",
  }),
  prune: toggle({
    default: false,
    help: "Also remove policies that you do not ask for, whoever attached them, and podrole's statements for other subjects",
  }),
  restart: toggle({
    default: false,
    help: 'With --approve: restart the workloads that run without the role',
  }),
  output: choice({
    values: ['plan', 'json', 'yaml', ...EXPORT_FORMATS],
    default: 'plan',
    renamed: { 'plan-json': 'json' },
    short: 'o',
    help: 'The plan for people, the plan for programs (json, yaml), or an export to another tool',
  }),
  importExisting: toggle({
    default: false,
    help: 'With -o terraform: read IAM and the cluster, and import what exists',
  }),
  ...applySettings,
  ...awsSettings,
  ...clusterSettings,
} as const;

export type BindSettings = SettingsOf<typeof bindSettings>;

/** Settings of `podrole unbind`. */
export const unbindSettings = {
  ...roleOwnerSettings,
  ...fileSettings,
  anyCluster,
  targetProfile,
  prune: toggle({ default: false, help: 'Delete the role even if others attached policies to it' }),
  ...planSettings,
  ...awsSettings,
  ...clusterSettings,
} as const;

export type UnbindSettings = SettingsOf<typeof unbindSettings>;
