import { clusterSettings } from '../kubernetes/settings.ts';
import { DEFAULT_ANNOTATION_PREFIX } from '../lib/contract/aws-webhook.ts';
import { DEFAULT_NAMESPACE } from '../lib/operands/service-accounts.ts';
import { choice, durationMs, string, toggle } from '../lib/settings/kinds.ts';
import type { SettingsOf } from '../lib/settings/settings.ts';
import { OUTPUTS } from './render-report.ts';

/** Settings of `podrole test`. */
export const testSettings = {
  namespace: string({
    value: '<namespace>',
    shownDefault: DEFAULT_NAMESPACE,
    short: 'n',
    help: 'Namespace of the ServiceAccount',
  }),
  output: choice({
    values: OUTPUTS,
    default: 'text',
    short: 'o',
    help: 'text: for people; json, yaml: for programs',
  }),
  container: string({
    value: '<container>',
    default: 'podrole-test',
    help: "Name of the pod's container, to test a role of podrole.dev/container-roles",
  }),
  image: string({
    value: '<image>',
    shownDefault: "that of podrole's webhook in this cluster",
    help: 'Image of podrole that the pod runs',
  }),
  timeout: durationMs({
    defaultMs: 120_000,
    minMs: 1_000,
    help: 'Longest time until the pod has its answer',
  }),
  keep: toggle({ default: false, help: 'Do not remove the pod' }),
  annotationPrefix: string({
    value: '<prefix>',
    default: DEFAULT_ANNOTATION_PREFIX,
    help: 'Prefix of the role-arn annotation, as for podrole webhook',
  }),
  ...clusterSettings,
} as const;

export type TestSettings = SettingsOf<typeof testSettings>;
