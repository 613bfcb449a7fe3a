import { clusterSettings } from '../../kubernetes/settings.ts';
import { type Fault, PodroleError } from '../../lib/errors.ts';
import { parseQualifiedName } from '../../lib/kubernetes-names.ts';
import { durationMs, list, matching, string, toggle } from '../../lib/settings/kinds.ts';
import { resultOutput } from '../../lib/settings/output-setting.ts';
import type { SettingsOf } from '../../lib/settings/settings.ts';
import { DEFAULT_TOKEN_LIFETIME_MS, publicationSettings, verifySettings } from '../settings.ts';
import { placeFault } from '../targets/place-fault.ts';
import { ROTATION_STEPS, type RotationStep } from './state/state.ts';

/** Settings of `podrole keys rotate`. */
export const rotateSettings = {
  issuer: publicationSettings.issuer,
  to: string({
    value: '<place>',
    required: true,
    help: 'Where the issuer is published, as for podrole publish: a folder or s3://BUCKET/PREFIX',
  }),
  keyFile: string({ value: '<file>', help: 'For start: PEM file of the new public key' }),
  apiServer: list({
    value: '<url>',
    shownDefault: 'those in the EndpointSlices of default/kubernetes',
    help: 'API server to check, each by its own address; may be repeated',
  }),
  serviceAccount: matching({
    value: '<namespace/name>',
    pattern: { test: (given) => parseQualifiedName(given) !== undefined },
    expected: 'NAMESPACE/NAME',
    default: 'default/default',
    help: 'ServiceAccount of the short-lived tokens that show which key signs; podrole does not keep them',
  }),
  tokenLifetime: durationMs({
    defaultMs: DEFAULT_TOKEN_LIFETIME_MS,
    help: 'Longest token lifetime; finish waits for this long. It is never shortened during a rotation',
  }),
  now: toggle({
    default: false,
    help: 'Skip the wait but no check, and print what will break; needs --reason',
  }),
  reason: string({ value: '<text>', help: 'Reason for --now, stored in the notes of the rotation' }),
  output: resultOutput,
  ...clusterSettings,
  verifyCa: verifySettings.verifyCa,
  verifyConnectTo: verifySettings.verifyConnectTo,
  x5c: publicationSettings.x5c,
  allowPort: publicationSettings.allowPort,
} as const;

export type RotateSettings = SettingsOf<typeof rotateSettings>;
export type RotateCommand = RotationStep | 'status';

/** Shorter texts are not a useful reason. */
const REASON_MIN_LENGTH = 10;
export const ROTATE_COMMANDS = [...ROTATION_STEPS, 'status'] as const;
const STEPS_THAT_WAIT: ReadonlySet<RotateCommand> = new Set(['switch', 'finish', 'abort']);

/**
 * Returns the step that the user asks for.
 * @throws PodroleError `INVALID_SETTING`, `MISSING_SETTING`, with every fault of the combination
 */
export function checkRotateSettings(operand: string | undefined, settings: RotateSettings): RotateCommand {
  const { keyFile, now, reason } = settings;
  const command = ROTATE_COMMANDS.find((known) => known === operand);
  const faults: Fault[] = [];
  const refuse = (object: string, problem: string, remedy: string) =>
    faults.push({ code: 'INVALID_SETTING', object, problem, remedy });
  const ofPlace = placeFault('--to', settings.to);
  if (ofPlace) faults.push(ofPlace);
  if (!command) refuse('step', `is ${operand}`, `give one of ${ROTATION_STEPS.join(', ')}, status`);
  if (command === 'start' && !keyFile) {
    faults.push({
      code: 'MISSING_SETTING',
      object: '--key-file',
      problem: 'is not set',
      remedy: 'give the file with the new public key; podrole keys create creates a key pair',
    });
  }
  if (command && command !== 'start' && keyFile) refuse('--key-file', 'is for start', 'leave it out');
  if (now && command && !STEPS_THAT_WAIT.has(command)) {
    refuse('--now', `is for ${[...STEPS_THAT_WAIT].join(', ')}: ${command} does not wait`, 'leave it out');
  }
  if (now && (reason ?? '').trim().length < REASON_MIN_LENGTH) {
    refuse('--reason', `has fewer than ${REASON_MIN_LENGTH} characters`, 'explain why the step cannot wait');
  }
  if (!now && reason !== undefined) refuse('--reason', 'is for --now', 'give both or neither');
  if (faults.length > 0 || !command) throw new PodroleError(faults);
  return command;
}
