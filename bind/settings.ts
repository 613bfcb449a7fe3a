import { clusterSettings } from '../kubernetes/settings.ts';
import { DEFAULT_ANNOTATION_PREFIX, DEFAULT_TOKEN_AUDIENCE } from '../lib/contract/aws-webhook.ts';
import { IAM_ROLE } from '../lib/contract/iam.ts';
import {
  choice,
  integer,
  list,
  optionalText,
  type Setting,
  type SettingsOf,
  text,
  toggle,
} from '../lib/settings/settings.ts';
import { wellKnownPolicyNames } from './well-known/well-known-policy.ts';

/** Which account and which issuer. Credentials and region are found as the AWS CLI finds them. */
const awsSettings = {
  accountId: optionalText(
    '<digits>',
    'AWS account; default: that of the credentials, from an ARN that IAM lists',
  ),
  partition: optionalText('<name>', 'aws, aws-cn, aws-us-gov; default: as --account-id'),
  issuer: optionalText('<url>', "Issuer of the cluster's tokens; default: as the API server says"),
} as const;

const applySettings = {
  approve: toggle(false, 'Make the changes; without it they are only shown'),
  exitCode: toggle(false, 'Exit with 1 where something would change'),
} as const;

const planSettings = {
  output: choice(['text', 'json'], 'text', 'How the plan is printed', { short: 'o' }),
  ...applySettings,
} as const;

const roleOwnerSettings = {
  namespace: text('<namespace>', 'default', 'Namespace of the ServiceAccount', { short: 'n' }),
  roleName: optionalText(
    '<name>',
    'Role to use, also one that podrole did not make; default: [CLUSTER-]NAMESPACE-NAME',
  ),
  clusterName: optionalText('<name>', 'Begins the names of roles, where several clusters share an account'),
  annotationPrefix: text('<prefix>', DEFAULT_ANNOTATION_PREFIX, 'As for podrole webhook'),
} as const;

/** A whole number of the limits, or none. */
function optionalInteger(
  limits: { min: number; max: number },
  placeholder: string,
  help: string,
): Setting<number | undefined> {
  return { ...integer(limits, placeholder, limits.min, help), fallback: undefined };
}

const TRUST_POLICY_QUOTA = { min: IAM_ROLE.maxTrustPolicyLength, max: 2 * IAM_ROLE.maxTrustPolicyLength };

/** Settings of `podrole bind`; eksctl's names where it has the option. */
export const bindSettings = {
  ...roleOwnerSettings,
  filename: list('<file>', 'Bindings: a file of podrole or of eksctl; may be repeated', { short: 'f' }),
  printSchema: toggle(false, 'Print the JSON schema of bindings files, and do nothing else'),
  attachPolicyArn: list('<arn>', 'Managed policy for the role; may be repeated'),
  policyFile: list('<file>', 'Inline policy for the role, in JSON; may be repeated'),
  wellKnown: list('<name>', `Policies of a known controller: ${wellKnownPolicyNames.join(', ')}`),
  attachRoleArn: optionalText('<arn>', 'Existing role: its trust policy is changed and nothing else of it'),
  updateTrust: toggle(true, 'With --attach-role-arn: =false only annotates'),
  rolePath: text('<path>', '/', 'Path of the role'),
  permissionsBoundary: optionalText('<arn>', 'Policy that bounds what the role may do'),
  tags: list('<key=value>', 'Tags of the role; may be repeated'),
  ownershipTags: toggle(
    true,
    "=false: a new role gets none of podrole's own tags, and is not known for podrole's later: give --role-name. For Ceph radosgw, which lets no token into a role with tags",
  ),
  sessionDuration: optionalInteger(
    IAM_ROLE.maxSessionDurationSeconds,
    '<seconds>',
    'Longest session of the role',
  ),
  roleOnly: toggle(false, 'Make the role alone, no ServiceAccount'),
  overrideExistingServiceaccounts: toggle(false, 'Replace the role of a ServiceAccount that has another'),
  subjectPattern: optionalText(
    '<pattern>',
    'Trust every subject like this, with * and ?, in place of the one',
  ),
  tokenAudience: text('<audience>', DEFAULT_TOKEN_AUDIENCE, 'Audience of the tokens'),
  alsoIssuer: list('<url>', 'Also trust this issuer, to move from one to another; may be repeated'),
  dropIssuer: list(
    '<url>',
    "Take podrole's statements for this issuer out of the trust policy; may be repeated",
  ),
  withProvider: toggle(true, '=false leaves the OIDC provider to others'),
  thumbprint: list('<sha1>', 'For a new OIDC provider; default: of the certificates that the issuer serves'),
  trustPolicyLimit: integer(
    TRUST_POLICY_QUOTA,
    '<characters>',
    TRUST_POLICY_QUOTA.min,
    "The account's quota for trust policies",
  ),
  prune: toggle(
    false,
    "Also take away policies that are not asked for, whoever put them there, and podrole's statements for other subjects",
  ),
  restart: toggle(false, 'With --approve: restart the workloads that run without the role'),
  output: choice(
    ['plan', 'plan-json', 'json', 'terraform', 'cloudformation'],
    'plan',
    'plan, the same for a program, or an export: json is input of the AWS CLI',
    {
      short: 'o',
    },
  ),
  ...applySettings,
  ...awsSettings,
  ...clusterSettings,
} as const;

export type BindSettings = SettingsOf<typeof bindSettings>;

export const unbindSettings = {
  ...roleOwnerSettings,
  prune: toggle(false, 'Delete the role also where somebody else attached policies to it'),
  ...planSettings,
  ...awsSettings,
  ...clusterSettings,
} as const;

export type UnbindSettings = SettingsOf<typeof unbindSettings>;

const providerSettings = {
  clientId: list(
    '<audience>',
    `Audiences of the tokens; default: ${DEFAULT_TOKEN_AUDIENCE}; may be repeated`,
  ),
  thumbprint: list('<sha1>', 'These thumbprints; default: of the certificates that the issuer serves'),
} as const;

export const ensureProviderSettings = {
  ...providerSettings,
  tags: list('<key=value>', 'Tags of the provider; may be repeated'),
  prune: toggle(false, 'Also remove client IDs and thumbprints that are not asked for'),
  ...planSettings,
  ...awsSettings,
  ...clusterSettings,
} as const;

export type EnsureProviderSettings = SettingsOf<typeof ensureProviderSettings>;

export const showProviderSettings = {
  ...providerSettings,
  output: choice(['text', 'json'], 'text', 'How to print it', { short: 'o' }),
  ...awsSettings,
  ...clusterSettings,
} as const;

export type ShowProviderSettings = SettingsOf<typeof showProviderSettings>;

export const deleteProviderSettings = {
  force: toggle(false, 'Also where roles trust it'),
  ...planSettings,
  ...awsSettings,
  ...clusterSettings,
} as const;

export type DeleteProviderSettings = SettingsOf<typeof deleteProviderSettings>;
