import { clusterSettings } from '../kubernetes/settings.ts';
import { TOKEN_EXPIRATION_SECONDS } from '../lib/contract/aws-webhook.ts';
import { type Fault, throwIfAny } from '../lib/errors.ts';
import { LOG_LEVELS } from '../lib/logger.ts';
import { choice, durationMs, list, port, string, toggle } from '../lib/settings/kinds.ts';
import { resultOutput } from '../lib/settings/output-setting.ts';
import type { SettingsOf } from '../lib/settings/settings.ts';
import { placeFault } from './targets/place-fault.ts';
import { watchFaults, watchSettings } from './watch/settings.ts';

/** Default of --token-lifetime: the longest token that the AWS webhook asks for by default. */
export const DEFAULT_TOKEN_LIFETIME_MS = TOKEN_EXPIRATION_SECONDS.default * 1_000;

/** Source, target and issuer of the documents, for every command that publishes. */
export const publicationSettings = {
  issuer: string({
    value: '<url>',
    shownDefault: 'that of the API server',
    help: "Issuer, exactly as in the tokens' iss",
  }),
  to: string({
    value: '<place>',
    help: "Root of the site of the issuer's host: a folder or s3://BUCKET/PREFIX; the issuer's path is appended",
  }),
  keyFile: list({
    value: '<file>',
    help: 'Read keys from this PEM file, not from the API server; only public keys are published; may be repeated',
  }),
  jwks: string({ value: '<file>', help: 'Read the keys from a JWKS file, not from the API server' }),
  ...clusterSettings,
  tokenLifetime: durationMs({
    defaultMs: DEFAULT_TOKEN_LIFETIME_MS,
    help: 'Longest token lifetime; an unserved key is kept for this long',
  }),
  x5c: toggle({ default: false, help: 'Add a certificate to each key, for Ceph radosgw' }),
  allowPort: toggle({
    default: false,
    help: 'Allow an issuer with a port, for Ceph radosgw; IAM refuses it',
  }),
} as const;

/** Settings for fetching the documents back. */
export const verifySettings = {
  verify: toggle({
    default: true,
    help: 'After publishing, fetch the documents from the issuer URL as STS does, and compare',
  }),
  verifyTimeout: durationMs({
    defaultMs: 30_000,
    help: 'How long to wait until caches serve the new documents',
  }),
  verifyCa: string({
    value: '<file>',
    help: 'CA certificates for verification, PEM, if the issuer has no publicly trusted certificate',
  }),
  verifyConnectTo: string({
    value: '<host:port>',
    help: "Connect to this address for verification, not to the issuer's host",
  }),
} as const;

/** Settings for serving the documents from this process. */
const serveSettings = {
  serve: toggle({
    default: false,
    help: 'Serve the documents from this process until SIGTERM, instead of --to',
  }),
  port: port({ default: 8443, help: 'With --serve: port to listen on' }),
  host: string({
    value: '<address>',
    shownDefault: 'all addresses',
    help: 'With --serve: address to listen on',
  }),
  tlsCert: string({
    value: '<file>',
    shownDefault: 'serve HTTP, for a proxy that serves HTTPS',
    help: 'With --serve: serving certificate, PEM',
  }),
  tlsKey: string({ value: '<file>', help: 'With --serve: private key of the serving certificate, PEM' }),
  metricsPort: port({
    default: 9999,
    help: 'With --serve or --watch: HTTP port of /healthz, /readyz and /metrics',
  }),
  logLevel: choice({
    values: LOG_LEVELS,
    default: 'info',
    help: 'With --serve or --watch: lowest level that is logged',
  }),
} as const;

/** Settings of `podrole publish`. */
export const publishSettings = {
  ...publicationSettings,
  createBucket: toggle({
    default: false,
    help: 'Create the bucket of --to if it is missing, and make the two documents public if the bucket has no policy',
  }),
  prune: toggle({ default: false, help: 'Remove keys that have been unserved for the token lifetime' }),
  dryRun: toggle({ default: false, help: 'Print the changes as a diff and write nothing' }),
  output: resultOutput,
  ...verifySettings,
  ...serveSettings,
  ...watchSettings,
} as const;

type PublishSettings = SettingsOf<typeof publishSettings>;

/** @throws PodroleError `INVALID_SETTING`, `MISSING_SETTING`, with every fault of their combination */
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
  const ofPlace = to === undefined ? undefined : placeFault('--to', to);
  if (ofPlace) faults.push(ofPlace);
  if (to !== undefined && serve) refuse('--serve', 'excludes --to', 'give one of the two');
  if (serve && settings.dryRun) refuse('--dry-run', 'is for --to', 'leave it out with --serve');
  if (serve && settings.prune) {
    refuse('--prune', 'is for --to', 'leave it out: --serve drops unused keys by itself');
  }
  if (settings.createBucket && !to?.startsWith('s3:')) {
    refuse('--create-bucket', 'is for --to s3://BUCKET', 'leave it out');
  }
  if (settings.createBucket && watch) {
    refuse('--create-bucket', 'is for one run', 'run it once before --watch, and leave it out with it');
  }
  if (watch && serve)
    refuse('--watch', 'excludes --serve', 'leave it out: --serve always follows its source');
  if (watch) faults.push(...watchFaults(settings));
  if (watch && settings.dryRun) refuse('--dry-run', 'is for one run', 'leave it out with --watch');
  if (jwks !== undefined && keyFile.length > 0)
    refuse('--jwks', 'excludes --key-file', 'give one of the two');
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    refuse('--tls-cert, --tls-key', 'only one of them is set', 'set both for HTTPS, or neither for HTTP');
  }
  throwIfAny(faults);
}
