import { judgedPolicySettings } from '../../bind/list/judged-policy-settings.ts';
import { awsSettings, composeRoleArn } from '../../bind/settings.ts';
import { clusterSettings } from '../../kubernetes/settings.ts';
import { parseRoleArn } from '../../lib/arn.ts';
import { DEFAULT_ANNOTATION_PREFIX, DEFAULT_TOKEN_AUDIENCE } from '../../lib/contract/aws-webhook.ts';
import { type Fault, throwIfAny } from '../../lib/errors.ts';
import { choice, durationMs, list, string, toggle } from '../../lib/settings/kinds.ts';
import { namespace } from '../../lib/settings/name-settings.ts';
import type { SettingsOf } from '../../lib/settings/settings.ts';
import { AUDIT_OUTPUTS } from './output/render.ts';
import { SEVERITIES } from './severity.ts';

const DAY_MS = 24 * 3_600_000;
const UNUSED_AFTER_DAYS = 90;

/** Settings of `podrole audit`. */
export const auditSettings = {
  namespace: namespace({ short: 'n', shownDefault: 'all namespaces', help: 'Namespace to audit' }),
  allNamespaces: toggle({
    default: false,
    short: 'A',
    help: 'All namespaces, which is the default; for users of kubectl',
  }),
  role: list({ value: '<arn>', help: 'Only who may assume this role; may be repeated' }),
  serviceAccount: list({
    value: '<name>',
    help: 'Only what this ServiceAccount may assume: web, or shop/web; may be repeated',
  }),
  output: choice({
    values: AUDIT_OUTPUTS,
    default: 'table',
    short: 'o',
    help: 'table: for people; csv, dot: who may assume what; json, yaml: all of it; sarif: the findings, for code scanning',
  }),
  failOn: choice({
    values: ['none', ...SEVERITIES],
    default: 'none',
    help: 'Exit with 1 if a finding is this severe, or more',
  }),
  report: string({ value: '<file>', help: 'Also write the audit to this new file, as one HTML page' }),
  force: toggle({ default: false, help: 'Replace the file of --report' }),
  staticKeys: toggle({
    default: true,
    help: 'Look for static AWS keys in Pods, ConfigMaps and Secrets, which are read for it; =false reads no Secret',
  }),
  checkIssuers: toggle({
    default: true,
    help: 'Fetch what the issuers publish, of the clusters and of all OIDC providers of the account',
  }),
  unusedAfter: durationMs({
    defaultMs: UNUSED_AFTER_DAYS * DAY_MS,
    minMs: DAY_MS,
    help: 'A role that nobody used for this long is a finding; 2160h are 90 days',
  }),
  nodeRole: list({
    value: '<arn>',
    help: "Role of the nodes' instance profile, if it is not in the ConfigMap aws-auth; may be repeated",
  }),
  probeMetadata: toggle({
    default: false,
    help: 'Start two short-lived pods in each cluster that try to reach the instance metadata of their node',
  }),
  yes: toggle({ default: false, help: 'Start the pods of --probe-metadata without a question' }),
  image: string({
    value: '<image>',
    shownDefault: "that of podrole's webhook in the cluster",
    help: 'Image of podrole that the pods of --probe-metadata run',
  }),
  annotationPrefix: string({
    value: '<prefix>',
    default: DEFAULT_ANNOTATION_PREFIX,
    help: 'Prefix of the role-arn annotation, as for podrole webhook',
  }),
  composeRoleArn,
  ...judgedPolicySettings,
  tokenAudience: string({
    value: '<audience>',
    default: DEFAULT_TOKEN_AUDIENCE,
    help: 'Audience of the token if no annotation sets it, as for podrole webhook',
  }),
  accountId: awsSettings.accountId,
  partition: awsSettings.partition,
  ...clusterSettings,
  context: list({
    value: '<name>',
    help: 'Context of the kubeconfig; may be repeated, for several clusters',
  }),
} as const;

export type AuditSettings = SettingsOf<typeof auditSettings>;

/** @throws PodroleError `INVALID_SETTING`, with every fault of their values and combination */
export function checkAuditSettings(settings: AuditSettings): void {
  const { context, kubeApi, role, nodeRole, report, force, probeMetadata, yes, image } = settings;
  const faults: Fault[] = [];
  const refuse = (object: string, problem: string, remedy: string) =>
    faults.push({ code: 'INVALID_SETTING', object, problem, remedy });
  for (const [flag, arns] of [
    ['--role', role],
    ['--node-role', nodeRole],
  ] as const)
    for (const arn of arns)
      if (!parseRoleArn(arn))
        refuse(
          flag,
          `is ${JSON.stringify(arn)}, not the ARN of a role`,
          'write arn:aws:iam::ACCOUNT:role/NAME',
        );
  if (context.length > 1 && kubeApi !== undefined)
    refuse('--kube-api', 'is one address for several contexts', 'give one --context, or no --kube-api');
  if (settings.allNamespaces && settings.namespace !== undefined)
    refuse('--all-namespaces', 'excludes --namespace', 'give one of the two');
  if (force && report === undefined) refuse('--force', 'needs --report', 'leave it out, or give --report');
  for (const [flag, isGiven] of [
    ['--yes', yes],
    ['--image', image !== undefined],
  ] as const)
    if (isGiven && !probeMetadata) refuse(flag, 'needs --probe-metadata', 'leave it out, or give that too');
  throwIfAny(faults);
}
