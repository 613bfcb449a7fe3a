import { REGION } from '../../lib/contract/iam.ts';
import { ENV } from '../../lib/contract/sdk.ts';
import { choice, matching, string } from '../../lib/settings/kinds.ts';
import type { SettingsOf } from '../../lib/settings/settings.ts';
import { OUTPUTS } from '../render-report.ts';

/** Kinds of credentials, in the order in which they are looked for. */
export const SOURCES = ['environment', 'profile', 'web-identity', 'container', 'metadata'] as const;

/** Versions of the instance metadata service (IMDS). */
export const METADATA_VERSIONS = ['v1', 'v2'] as const;

export const whoamiSettings = {
  output: choice({
    values: OUTPUTS,
    default: 'text',
    short: 'o',
    help: 'text: for people; json, yaml: for programs',
  }),
  source: choice({
    values: ['auto', ...SOURCES],
    default: 'auto',
    help: 'Source of the credentials; auto: the first one that is set up, in this order, but the instance metadata only if AWS_EC2_METADATA_SERVICE_ENDPOINT names it',
  }),
  region: matching({
    value: '<region>',
    variables: [ENV.region, ENV.defaultRegion],
    pattern: REGION,
    expected: 'a region such as eu-central-1',
    shownDefault: "one of the role's partition",
    help: 'AWS region, which selects the STS endpoint',
  }),
  probeMetadata: choice({
    values: ['none', ...METADATA_VERSIONS],
    default: 'none',
    help: 'Only try whether instance metadata of this version answers, without asking for credentials or a role; for podrole audit',
  }),
  reportFile: string({
    value: '<file>',
    help: 'Write the result there too, as one line of JSON; in a pod, /dev/termination-log',
  }),
} as const;

export type WhoamiSettings = SettingsOf<typeof whoamiSettings>;
