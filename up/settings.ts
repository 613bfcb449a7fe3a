import { awsSettings, planSettings } from '../bind/settings.ts';
import { clusterSettings } from '../kubernetes/settings.ts';
import { REGION } from '../lib/contract/iam.ts';
import { type Fault, throwIfAny } from '../lib/errors.ts';
import { choice, durationMs, list, matching, toggle } from '../lib/settings/kinds.ts';
import type { SettingsOf } from '../lib/settings/settings.ts';
import { publicationSettings, verifySettings } from '../oidc/settings.ts';
import { placeFault } from '../oidc/targets/place-fault.ts';
import { POLICY_MODES, policySettings } from '../policy/settings.ts';

const { accountId, partition } = awsSettings;
const { approve, details, exitCode } = planSettings;
const { to, tokenLifetime, x5c, allowPort } = publicationSettings;

/** Settings of `podrole up`. */
export const upSettings = {
  to: { ...to, shownDefault: 'none; the documents are published already' },
  createBucket: toggle({
    default: false,
    help: 'Create the bucket of --to if it is missing, and make the two documents public if the bucket has no policy',
  }),
  webhook: toggle({ default: true, help: 'Install the webhook; =false leaves it as it is' }),
  image: matching({
    value: '<image>',
    // As long as a registry allows, and without what a shell or a terminal would obey.
    pattern: /^[\w.:/@-]{1,500}$/,
    expected: 'an image such as registry.example.com/podrole:0.1.0',
    shownDefault: 'that of the installed webhook, else podrole:VERSION',
    help: 'Image of the webhook and of its sidecars',
  }),
  awsDefaultRegion: matching({
    value: '<region>',
    pattern: REGION,
    expected: 'a region such as eu-central-1',
    aliases: ['awsRegion'],
    shownDefault: 'that of the installed webhook, else none',
    help: 'Region that pods get if they set none',
  }),
  annotationPrefix: matching({
    value: '<prefix>',
    pattern: /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/,
    expected: 'a prefix such as podrole.dev',
    shownDefault: 'that of the installed webhook, else eks.amazonaws.com',
    help: 'Prefix of the annotations that the webhook reads; podrole.dev beside the AWS webhook',
  }),
  podRoleAnnotation: {
    ...policySettings.podRoleAnnotation,
    shownDefault: 'that of the installed webhook, else pods cannot name a role',
  },
  baseRoleArn: { ...policySettings.baseRoleArn, shownDefault: 'that of the installed webhook, else none' },
  policy: matching({
    value: policySettings.policy.value,
    pattern: { test: (given) => POLICY_MODES.some((mode) => mode === given) },
    expected: `one of ${POLICY_MODES.join(', ')}`,
    shownDefault: 'that of the installed webhook, else warn',
    help: policySettings.policy.help,
  }),
  forceConflicts: toggle({
    default: false,
    help: 'Take over fields that another manager, such as a GitOps tool, has set',
  }),
  wait: toggle({ default: true, help: 'With --approve: wait until the webhook is ready' }),
  timeout: durationMs({ defaultMs: 180_000, help: 'How long to wait for the webhook' }),
  thumbprint: list({
    value: '<sha1>',
    shownDefault: 'that of the top certificate that the issuer serves',
    help: 'Thumbprint that the OIDC provider must have; may be repeated',
  }),
  approve,
  details,
  exitCode,
  output: choice({
    values: ['text', 'json', 'yaml'],
    default: 'text',
    short: 'o',
    help: 'Format of the plan',
  }),
  ...verifySettings,
  allowPrivateIssuer: toggle({
    default: false,
    help: 'Accept an issuer that only a private network reaches, for an STS there',
  }),
  allowPort,
  x5c,
  tokenLifetime,
  accountId,
  partition,
  ...clusterSettings,
} as const;

export type UpSettings = SettingsOf<typeof upSettings>;

const OF_WEBHOOK = [
  ...(['image', 'awsDefaultRegion', 'annotationPrefix'] as const),
  ...(['podRoleAnnotation', 'baseRoleArn', 'policy'] as const),
] as const;

/** @throws PodroleError `INVALID_SETTING`, with every fault of their combination */
export function checkUpSettings(settings: UpSettings): void {
  const faults: Fault[] = [];
  const refuse = (object: string, problem: string, remedy: string) =>
    faults.push({ code: 'INVALID_SETTING', object, problem, remedy });
  const ofPlace = settings.to === undefined ? undefined : placeFault('--to', settings.to);
  if (ofPlace) faults.push(ofPlace);
  if (settings.createBucket && !settings.to?.startsWith('s3:')) {
    refuse('--create-bucket', 'is for --to s3://BUCKET', 'leave it out');
  }
  if (!settings.webhook) {
    for (const name of OF_WEBHOOK) {
      if (settings[name] === undefined) continue;
      const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      refuse(
        flag,
        'is a setting of the webhook, which --webhook=false leaves as it is',
        'give one of the two',
      );
    }
  }
  throwIfAny(faults);
}
