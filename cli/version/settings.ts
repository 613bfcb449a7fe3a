import { clusterSettings } from '../../kubernetes/settings.ts';
import { choice, toggle } from '../../lib/settings/kinds.ts';
import type { SettingsOf } from '../../lib/settings/settings.ts';
import { OUTPUTS } from '../../test-pod/render-report.ts';

/** Settings of `podrole version`. */
export const versionSettings = {
  client: toggle({ default: false, help: 'Print only the versions of this command; ask no cluster' }),
  output: choice({
    values: OUTPUTS,
    default: 'text',
    short: 'o',
    help: 'text: for people; json, yaml: for programs',
  }),
  ...clusterSettings,
} as const;

export type VersionSettings = SettingsOf<typeof versionSettings>;
