import { clusterSettings } from '../../kubernetes/settings.ts';
import { DEFAULT_ANNOTATION_PREFIX } from '../../lib/contract/aws-webhook.ts';
import { choice, string, toggle } from '../../lib/settings/kinds.ts';
import { namespace } from '../../lib/settings/name-settings.ts';
import type { SettingsOf } from '../../lib/settings/settings.ts';
import { policySettings } from '../settings.ts';

/** Settings of `podrole policy`. */
export const policyCommandSettings = {
  ...policySettings,
  rolePolicyFile: string({
    value: '<file>',
    short: 'f',
    emptyIsUnset: true,
    help: 'YAML file: which namespaces may use which roles',
  }),
  policy: {
    ...policySettings.policy,
    help: 'As for podrole webhook; with -o vap, what the API server does with a refused role: log it (audit), warn (warn), or refuse the object (enforce)',
  },
  baseRoleArn: {
    ...policySettings.baseRoleArn,
    help: 'Prefix that completes the name of a role that is not an ARN, such as arn:aws:iam::111122223333:role/',
  },
  namespace: namespace({ short: 'n', shownDefault: 'all namespaces', help: 'Namespace to show' }),
  output: choice({
    values: ['text', 'json', 'yaml', 'vap'],
    default: 'text',
    short: 'o',
    help: 'text: for people; json, yaml: for programs; vap: the policy as ValidatingAdmissionPolicies',
  }),
  exitCode: toggle({ default: false, help: 'Exit with 1 if a role is refused' }),
  annotationPrefix: string({
    value: '<prefix>',
    default: DEFAULT_ANNOTATION_PREFIX,
    help: 'Prefix of the role-arn annotation',
  }),
  ...clusterSettings,
} as const;

export type PolicyCommandSettings = SettingsOf<typeof policyCommandSettings>;
