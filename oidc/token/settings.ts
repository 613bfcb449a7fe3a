import { basename } from 'node:path';
import { DEFAULT_TOKEN_AUDIENCE } from '../../lib/contract/aws-webhook.ts';
import { type Fault, throwIfAny } from '../../lib/errors.ts';
import { iamIssuerProblem, issuerProblem } from '../../lib/issuer.ts';
import { LOG_LEVELS } from '../../lib/logger.ts';
import { choice, integer, matching, parsed, string, toggle } from '../../lib/settings/kinds.ts';
import type { SettingsOf } from '../../lib/settings/settings.ts';
import { formatDurationMs, parseGoDurationMs } from '../../lib/text/go-values.ts';
import { DEFAULT_TOKEN_LIFETIME_MS, publicationSettings, verifySettings } from '../settings.ts';

/**
 * Lifetime of a token. A replaced key stays published for the default of --token-lifetime after its last
 * token, so no token may live longer. Kubernetes has the same minimum.
 */
const LIFETIME_MS = { default: 3_600_000, min: 600_000, max: DEFAULT_TOKEN_LIFETIME_MS } as const;

/** OpenID Connect Core 1.0, section 2: `sub` has at most 255 ASCII characters. */
const SUBJECT = /^[!-~](?:[ -~]{0,253}[!-~])?$/;
/** IAM accepts client IDs of at most 255 characters. */
const AUDIENCE = /^[!-~]{1,255}$/;
/** The owner must read the file, and nobody else may write it. */
const MODE = /^0?[46][04][04]$/;
/** Highest ID of a group in Linux; the next number means none. */
const MAX_GROUP_ID = 2 ** 32 - 2;

/** Settings of `podrole token`. */
export const tokenSettings = {
  signingKey: string({
    value: '<file>',
    required: true,
    help: 'Private key that signs the token, PEM: sa.key of podrole keys create',
  }),
  issuer: string({
    value: '<url>',
    required: true,
    help: 'Issuer of the token, exactly as it is published',
  }),
  subject: matching({
    value: '<subject>',
    required: true,
    pattern: SUBJECT,
    expected: '1 to 255 printable ASCII characters, without a space at either end',
    help: 'Subject of the token: system:serviceaccount:NAMESPACE:NAME for a role of podrole bind',
  }),
  audience: matching({
    value: '<audience>',
    default: DEFAULT_TOKEN_AUDIENCE,
    pattern: AUDIENCE,
    expected: '1 to 255 printable ASCII characters',
    help: 'Audience of the token',
  }),
  lifetime: {
    ...parsed({
      value: '<duration>',
      default: LIFETIME_MS.default,
      expected: `a duration from ${formatDurationMs(LIFETIME_MS.min)} to ${formatDurationMs(LIFETIME_MS.max)}, in whole seconds`,
      parse: parseLifetime,
      help: 'Lifetime of the token, from 10m to 24h',
    }),
    writtenDefault: formatDurationMs(LIFETIME_MS.default),
  },
  allowPort: publicationSettings.allowPort,
  file: string({ value: '<file>', help: 'Write the token to this file, instead of printing it' }),
  watch: string({
    value: '<file>',
    help: 'Keep a fresh token in this file until SIGTERM; its folder must hold nothing else',
  }),
  tokenMode: parsed({
    value: '<mode>',
    shownDefault: '0600, with --token-group 0640',
    expected: 'a mode such as 0600, 0640 or 0644',
    parse: (given) => (MODE.test(given) ? Number.parseInt(given, 8) : undefined),
    help: 'With --file or --watch: permissions of the file',
  }),
  tokenGroup: integer({
    value: '<gid>',
    min: 0,
    max: MAX_GROUP_ID,
    help: 'With --file or --watch: ID of the group of the file',
  }),
  verify: toggle({
    default: false,
    help: 'Fetch the keys of the issuer as STS does, and write no token that they do not verify',
  }),
  verifyCa: verifySettings.verifyCa,
  verifyConnectTo: verifySettings.verifyConnectTo,
  logLevel: choice({
    values: LOG_LEVELS,
    default: 'info',
    help: 'With --watch: lowest level that is logged',
  }),
} as const;

export type TokenSettings = SettingsOf<typeof tokenSettings>;

/** @throws PodroleError `INVALID_ISSUER`, `INVALID_SETTING`, with every fault */
export function checkTokenSettings(settings: TokenSettings): void {
  const { issuer, allowPort, file, watch, tokenMode, tokenGroup } = settings;
  const faults: Fault[] = [];
  const refuse = (object: string, problem: string, remedy: string) =>
    faults.push({ code: 'INVALID_SETTING', object, problem, remedy });
  const ofIssuer = allowPort ? issuerProblem(issuer) : iamIssuerProblem(issuer);
  if (ofIssuer !== undefined) {
    const remedy = 'give the issuer that podrole publish has published, which roles trust';
    faults.push({ code: 'INVALID_ISSUER', object: `--issuer ${issuer}`, problem: ofIssuer, remedy });
  }
  if (file !== undefined && watch !== undefined) refuse('--watch', 'excludes --file', 'give one of the two');
  const path = file ?? watch;
  if (path === undefined) {
    for (const [flag, value] of [
      ['--token-mode', tokenMode],
      ['--token-group', tokenGroup],
    ] as const) {
      if (value !== undefined)
        refuse(flag, 'is for --file or --watch', 'give one of the two, or leave it out');
    }
  } else if (path.endsWith('/') || basename(path).startsWith('..') || basename(path) === '.') {
    refuse(
      `${file === undefined ? '--watch' : '--file'} ${path}`,
      'is not the name of a file',
      'name a file',
    );
  }
  if (tokenGroup !== undefined && tokenMode !== undefined && (tokenMode & 0o040) === 0) {
    refuse('--token-group', 'may not read the file', 'give --token-mode 0640 too, or leave both out');
  }
  throwIfAny(faults);
}

function parseLifetime(given: string): number | undefined {
  const ms = parseGoDurationMs(given);
  if (ms === undefined || ms % 1_000 !== 0) return undefined;
  return ms >= LIFETIME_MS.min && ms <= LIFETIME_MS.max ? ms : undefined;
}
