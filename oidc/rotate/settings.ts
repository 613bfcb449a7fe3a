import { clusterSettings } from '../../kubernetes/settings.ts';
import { type Fault, PodroleError } from '../../lib/errors.ts';
import { parseQualifiedName } from '../../lib/kubernetes-names.ts';
import {
  choice,
  list,
  matching,
  optionalText,
  requiredText,
  type SettingsOf,
  toggle,
} from '../../lib/settings/settings.ts';
import { publicationSettings, verifySettings } from '../settings.ts';
import { ROTATION_STEPS, type RotationStep } from './state/rotation-state.ts';

/** Settings of `podrole keys rotate`. */
export const rotateSettings = {
  issuer: publicationSettings.issuer,
  to: requiredText(
    '<place>',
    'Where the issuer is published, as for podrole publish: a folder or s3://BUCKET/PREFIX',
  ),
  keyFile: optionalText('<file>', 'PEM file with the new public key; for start'),
  apiServer: list(
    '<url>',
    'API server to look at, each by its own address; default: those in the EndpointSlices of default/kubernetes',
  ),
  serviceAccount: matching(
    { test: (given) => parseQualifiedName(given) !== undefined },
    'NAMESPACE/NAME',
    '<namespace/name>',
    'default/default',
    'ServiceAccount that short tokens are minted for, to see which key signs; they are dropped at once',
  ),
  tokenLifetime: {
    ...publicationSettings.tokenLifetime,
    help: 'Longest lifetime of a token: so long finish waits; never made shorter during a rotation',
  },
  now: toggle(false, 'Do not wait; says what will break. Skips waits alone, never a check; needs --reason'),
  reason: optionalText('<text>', 'Why --now; kept in the notes of the rotation'),
  output: choice(['text', 'json'], 'text', 'How the result is printed', { short: 'o' }),
  ...clusterSettings,
  verifyCa: verifySettings.verifyCa,
  verifyConnectTo: verifySettings.verifyConnectTo,
  x5c: publicationSettings.x5c,
  allowPort: publicationSettings.allowPort,
} as const;

export type RotateSettings = SettingsOf<typeof rotateSettings>;
export type RotateCommand = RotationStep | 'status';

/** What can't be said in fewer characters is no reason. */
const REASON_MIN_LENGTH = 10;
const STEPS_THAT_WAIT: ReadonlySet<RotateCommand> = new Set(['switch', 'finish', 'abort']);

/**
 * The step that is asked for.
 * @throws PodroleError `INVALID_SETTING`, `MISSING_SETTING` with all that does not fit together
 */
export function checkRotateSettings(operand: string | undefined, settings: RotateSettings): RotateCommand {
  const { keyFile, now, reason } = settings;
  const command = [...ROTATION_STEPS, 'status' as const].find((known) => known === operand);
  const faults: Fault[] = [];
  const refuse = (object: string, problem: string, remedy: string) =>
    faults.push({ code: 'INVALID_SETTING', object, problem, remedy });
  if (!command) refuse('step', `is ${operand}`, `give one of ${ROTATION_STEPS.join(', ')}, status`);
  if (command === 'start' && !keyFile) {
    faults.push({
      code: 'MISSING_SETTING',
      object: '--key-file',
      problem: 'is not set',
      remedy: 'give the file with the new public key; podrole keys create makes a pair',
    });
  }
  if (command && command !== 'start' && keyFile) refuse('--key-file', 'is for start', 'leave it out');
  if (now && command && !STEPS_THAT_WAIT.has(command)) {
    refuse(
      '--now',
      `is for ${[...STEPS_THAT_WAIT].join(', ')}: ${command} waits for nothing`,
      'leave it out',
    );
  }
  if (now && (reason ?? '').trim().length < REASON_MIN_LENGTH) {
    refuse('--reason', `has fewer than ${REASON_MIN_LENGTH} characters`, 'say why --now can’t wait');
  }
  if (!now && reason !== undefined) refuse('--reason', 'is for --now', 'give both or neither');
  if (faults.length > 0 || !command) throw new PodroleError(faults);
  return command;
}
