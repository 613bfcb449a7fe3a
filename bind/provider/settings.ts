import { clusterSettings } from '../../kubernetes/settings.ts';
import { DEFAULT_TOKEN_AUDIENCE } from '../../lib/contract/aws-webhook.ts';
import { list, toggle } from '../../lib/settings/kinds.ts';
import { resultOutput } from '../../lib/settings/output-setting.ts';
import type { SettingsOf } from '../../lib/settings/settings.ts';
import { awsSettings, planSettings } from '../settings.ts';

const providerSettings = {
  clientId: list({
    value: '<audience>',
    shownDefault: DEFAULT_TOKEN_AUDIENCE,
    help: 'Audience of the tokens; may be repeated',
  }),
  thumbprint: list({
    value: '<sha1>',
    shownDefault: 'that of the top certificate that the issuer serves',
    help: 'Thumbprint that the provider must have; may be repeated',
  }),
} as const;

/** Settings of `podrole provider ensure`. */
export const ensureProviderSettings = {
  ...providerSettings,
  tags: list({ value: '<key=value>', help: 'Tag of the provider; may be repeated' }),
  prune: toggle({ default: false, help: 'Also remove client IDs and thumbprints that you do not ask for' }),
  ...planSettings,
  ...awsSettings,
  ...clusterSettings,
} as const;

export type EnsureProviderSettings = SettingsOf<typeof ensureProviderSettings>;

/** Settings of `podrole provider show`. */
export const showProviderSettings = {
  ...providerSettings,
  output: resultOutput,
  ...awsSettings,
  ...clusterSettings,
} as const;

export type ShowProviderSettings = SettingsOf<typeof showProviderSettings>;

/** Settings of `podrole provider delete`. */
export const deleteProviderSettings = {
  force: toggle({ default: false, help: 'Delete the provider even if roles trust it' }),
  ...planSettings,
  ...awsSettings,
  ...clusterSettings,
} as const;

export type DeleteProviderSettings = SettingsOf<typeof deleteProviderSettings>;
