import { clusterSettings } from '../kubernetes/settings.ts';
import { TOKEN_EXPIRATION_SECONDS } from '../lib/contract/aws-webhook.ts';
import { type Fault, PodroleError } from '../lib/errors.ts';
import { LOG_LEVELS } from '../lib/logger.ts';
import {
  choice,
  durationMs,
  list,
  optionalText,
  port,
  type SettingsOf,
  toggle,
} from '../lib/settings/settings.ts';
import { watchFaults, watchSettings } from './watch/settings.ts';

/** Where the documents come from, where they go, and under which name: for every command that publishes. */
export const publicationSettings = {
  issuer: optionalText('<url>', "Issuer, exactly as in the tokens' iss; default: that of the API server"),
  to: optionalText(
    '<place>',
    "Root of the site that answers for the issuer's host: a folder, or s3://BUCKET/PREFIX; its path is added",
  ),
  keyFile: list('<file>', 'Take the keys from PEM files in place of the API server; only public parts leave'),
  jwks: optionalText('<file>', 'Take the keys from a JWKS file in place of the API server'),
  ...clusterSettings,
  tokenLifetime: {
    ...durationMs(
      TOKEN_EXPIRATION_SECONDS.default * 1_000,
      'Longest lifetime of a token: so long is a key kept that is no longer served',
    ),
    fallbackText: '24h',
  },
  x5c: toggle(false, 'Add a certificate to each key, for Ceph radosgw'),
  allowPort: toggle(false, 'Take an issuer with a port: IAM does not, Ceph radosgw does'),
} as const;

/** How a publication is fetched back. */
export const verifySettings = {
  verify: toggle(true, 'Afterwards fetch the documents by the issuer URL as STS does, and compare'),
  verifyTimeout: durationMs(30_000, 'How long to wait for caches on the way to the documents'),
  verifyCa: optionalText(
    '<file>',
    'Authorities to verify with, PEM, where the certificate is not from a public one',
  ),
  verifyConnectTo: optionalText('<host:port>', "Where to connect in place of the issuer's host"),
} as const;

/** How podrole serves the documents itself. */
const serveSettings = {
  serve: toggle(false, 'Serve the documents from this process until SIGTERM, in place of --to'),
  port: port(8443, 'Port to serve at; with --serve'),
  host: optionalText('<address>', 'Address to serve at; default: every one; with --serve'),
  tlsCert: optionalText(
    '<file>',
    'Serving certificate, PEM; without it http, for a proxy in front that speaks https',
  ),
  tlsKey: optionalText('<file>', 'Its private key, PEM'),
  metricsPort: port(9999, 'HTTP port of /healthz, /readyz and /metrics; with --serve or --watch'),
  logLevel: choice(LOG_LEVELS, 'info', 'Least level that is logged; with --serve or --watch'),
} as const;

/** Settings of `podrole publish`. */
export const publishSettings = {
  ...publicationSettings,
  createBucket: toggle(
    false,
    'Make the bucket of --to where it is missing, with a policy that lets everybody read the two documents alone',
  ),
  prune: toggle(false, 'Drop keys that were not served for as long as a token lives'),
  dryRun: toggle(false, 'Print what would be written as a diff, and write nothing'),
  output: choice(['text', 'json'], 'text', 'How the result is printed', { short: 'o' }),
  ...verifySettings,
  ...serveSettings,
  ...watchSettings,
} as const;

export type PublicationSettings = SettingsOf<typeof publicationSettings>;
export type VerifySettings = SettingsOf<typeof verifySettings>;
export type PublishSettings = SettingsOf<typeof publishSettings>;

/** @throws PodroleError `INVALID_SETTING`, `MISSING_SETTING`, with every fault that the settings have together */
export function checkPublishSettings(settings: PublishSettings): void {
  const faults: Fault[] = [];
  const refuse = (object: string, problem: string, remedy: string) =>
    faults.push({ code: 'INVALID_SETTING', object, problem, remedy });
  const { to, serve, watch, jwks, keyFile, tlsCert, tlsKey } = settings;
  if (to === undefined && !serve) {
    faults.push({
      code: 'MISSING_SETTING',
      object: '--to',
      problem: 'is not set, nor is --serve',
      remedy: 'name the folder or bucket to publish to, or serve the documents with --serve',
    });
  }
  if (to !== undefined && serve) refuse('--serve', 'excludes --to', 'give one of the two');
  if (serve && settings.dryRun) refuse('--dry-run', 'is for --to', 'leave it out with --serve');
  if (serve && settings.prune) {
    refuse('--prune', 'is for --to', 'leave it out: what --serve no longer needs goes by itself');
  }
  if (settings.createBucket && !to?.startsWith('s3:')) {
    refuse('--create-bucket', 'is for --to s3://BUCKET', 'leave it out');
  }
  if (settings.createBucket && watch) {
    refuse('--create-bucket', 'is for one run', 'run it once before --watch, and leave it out with it');
  }
  if (watch && serve)
    refuse('--watch', 'excludes --serve', 'leave it out: --serve follows its source anyway');
  if (watch) faults.push(...watchFaults(settings));
  if (watch && settings.dryRun) refuse('--dry-run', 'is for one run', 'leave it out with --watch');
  if (jwks !== undefined && keyFile.length > 0)
    refuse('--jwks', 'excludes --key-file', 'give one of the two');
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    refuse('--tls-cert, --tls-key', 'only one of them is set', 'set both for https, none for http');
  }
  if (faults.length > 0) throw new PodroleError(faults);
}
