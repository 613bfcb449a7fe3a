import { clusterSettings } from '../../kubernetes/settings.ts';
import { DEFAULT_ANNOTATION_PREFIX, DEFAULT_TOKEN_AUDIENCE } from '../../lib/contract/aws-webhook.ts';
import { optionalNamespace } from '../../lib/kubernetes-names.ts';
import { choice, optionalText, type SettingsOf, text, toggle } from '../../lib/settings/settings.ts';

/** Settings of `podrole list`. */
export const listSettings = {
  namespace: optionalNamespace('Only this namespace; default: all', { short: 'n' }),
  all: toggle(false, 'Also ServiceAccounts without a role, and roles for other clusters'),
  output: choice(['table', 'json'], 'table', 'table: for a person; json: for a program', { short: 'o' }),
  exitCode: toggle(false, 'Exit with 1 where something is not as it should be'),
  issuer: optionalText('<url>', "Issuer of the cluster's tokens; default: what its API server says"),
  tokenAudience: text(
    '<audience>',
    DEFAULT_TOKEN_AUDIENCE,
    'Audience of the token, where no annotation says otherwise',
  ),
  annotationPrefix: text(
    '<prefix>',
    DEFAULT_ANNOTATION_PREFIX,
    'Prefix of the role-arn, audience and token annotations',
  ),
  ...clusterSettings,
} as const;

export type ListSettings = SettingsOf<typeof listSettings>;
