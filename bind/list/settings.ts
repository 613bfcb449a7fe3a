import { clusterSettings } from '../../kubernetes/settings.ts';
import { DEFAULT_ANNOTATION_PREFIX, DEFAULT_TOKEN_AUDIENCE } from '../../lib/contract/aws-webhook.ts';
import { choice, string, toggle } from '../../lib/settings/kinds.ts';
import { namespace } from '../../lib/settings/name-settings.ts';
import type { SettingsOf } from '../../lib/settings/settings.ts';
import { awsSettings, composeRoleArn } from '../settings.ts';
import { judgedPolicySettings } from './judged-policy-settings.ts';

/** Settings of `podrole list`. */
export const listSettings = {
  namespace: namespace({ short: 'n', shownDefault: 'all namespaces', help: 'Namespace to list' }),
  allNamespaces: toggle({
    default: false,
    short: 'A',
    help: 'All namespaces, which is the default; for users of kubectl',
  }),
  all: toggle({
    default: false,
    help: 'Also list ServiceAccounts without a role, and roles for other clusters',
  }),
  output: choice({
    values: ['table', 'json', 'yaml'],
    default: 'table',
    short: 'o',
    help: 'table: for people; json, yaml: for programs',
  }),
  exitCode: toggle({ default: false, help: 'Exit with 1 if something needs fixing' }),
  issuer: string({
    value: '<url>',
    shownDefault: 'that of the API server',
    help: "Issuer of the cluster's tokens",
  }),
  tokenAudience: string({
    value: '<audience>',
    default: DEFAULT_TOKEN_AUDIENCE,
    help: 'Audience of the token if no annotation sets it',
  }),
  annotationPrefix: string({
    value: '<prefix>',
    default: DEFAULT_ANNOTATION_PREFIX,
    help: 'Prefix of the role-arn, audience and token annotations',
  }),
  composeRoleArn,
  clusterName: string({
    value: '<name>',
    help: 'Name of the cluster in the external ids of target roles; without it, any name is taken for right',
  }),
  podRoleAnnotation: judgedPolicySettings.podRoleAnnotation,
  baseRoleArn: judgedPolicySettings.baseRoleArn,
  accountId: awsSettings.accountId,
  partition: awsSettings.partition,
  ...clusterSettings,
} as const;

export type ListSettings = SettingsOf<typeof listSettings>;
