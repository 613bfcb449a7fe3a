import { identitySettings } from '../identity/settings/identity-settings.ts';
import { ownClusterSettings } from '../kubernetes/settings.ts';
import { LOG_LEVELS } from '../lib/logger.ts';
import { choice, durationMs, list, port, string, toggle } from '../lib/settings/kinds.ts';
import { namespace, objectName } from '../lib/settings/name-settings.ts';
import type { SettingsOf } from '../lib/settings/settings.ts';
import { policySettings } from '../policy/settings.ts';

/** Settings of `podrole webhook`. Names and defaults are the AWS webhook's if it has the flag. */
export const webhookSettings = {
  ...identitySettings,
  ...policySettings,
  port: port({ default: 443, help: 'HTTPS port of /mutate' }),
  metricsPort: port({ default: 9999, help: 'HTTP port of /healthz, /readyz and /metrics' }),
  tlsCert: string({
    value: '<file>',
    default: '/etc/webhook/certs/tls.crt',
    help: 'Serving certificate, PEM; reloaded when the file changes',
  }),
  tlsKey: string({
    value: '<file>',
    default: '/etc/webhook/certs/tls.key',
    help: 'Private key of the serving certificate, PEM',
  }),
  tlsMinVersion: choice({
    values: ['VersionTLS12', 'VersionTLS13'],
    default: 'VersionTLS12',
    help: 'Oldest TLS version that clients may use',
  }),
  tlsCipherSuites: list({
    value: '<suites>',
    shownDefault: 'those of Node',
    help: 'Cipher suites for TLS 1.2, by their IANA names',
  }),
  clientCa: string({
    value: '<file>',
    shownDefault: 'every client is served',
    help: 'CA of client certificates, PEM: serve only clients that present one; reloaded when the file changes',
  }),
  clientName: list({
    value: '<names>',
    shownDefault: 'every name that --client-ca signed',
    help: 'Common names of the client certificates that are served',
  }),
  inCluster: toggle({
    default: false,
    help: 'Create and renew the serving certificate itself, instead of --tls-cert and --tls-key',
  }),
  serviceName: objectName({
    default: 'pod-identity-webhook',
    help: 'With --in-cluster: Service of the webhook',
  }),
  tlsSecret: objectName({
    default: 'pod-identity-webhook',
    help: 'With --in-cluster: Secret that stores the certificate',
  }),
  webhookConfiguration: objectName({
    default: 'pod-identity-webhook',
    help: 'With --in-cluster: MutatingWebhookConfiguration whose caBundle is kept up to date',
  }),
  certificateLifetime: durationMs({
    defaultMs: 90 * 24 * 3_600_000,
    // The steps of a renewal, and what delays them, must fit into a third of it.
    minMs: 60_000,
    help: 'With --in-cluster: lifetime of a certificate, at least 1m; renewed after two thirds of it',
  }),
  ...ownClusterSettings,
  serviceAccounts: string({
    value: '<file>',
    help: 'Read ServiceAccounts from this YAML file and connect to no cluster',
  }),
  namespace: namespace({ default: 'eks', help: 'Namespace of the webhook and of its ConfigMap' }),
  watchConfigMap: toggle({
    default: false,
    help: 'Read identities from the ConfigMap pod-identity-webhook as well',
  }),
  watchContainerCredentialsConfig: string({
    value: '<file>',
    emptyIsUnset: true,
    help: 'EKS Pod Identity: JSON file of the ServiceAccounts to serve; reloaded when it changes',
  }),
  liveLookup: choice({
    values: ['miss', 'always'],
    default: 'miss',
    help: 'When to ask the API server for a ServiceAccount or Namespace: if the watch does not know it (miss), or for every pod (always)',
  }),
  events: toggle({
    default: true,
    help: 'Also report the warnings of a pod as Events on the controller that creates it',
  }),
  serviceAccountLookupGracePeriod: durationMs({
    defaultMs: 0,
    help: 'How long to wait for a ServiceAccount that does not exist yet',
  }),
  resyncPeriod: durationMs({
    defaultMs: 60_000,
    help: 'How long one watch request lasts; the next one continues where it ended',
  }),
  shutdownDelay: durationMs({
    defaultMs: 0,
    help: 'How long to keep serving after SIGTERM, until the Service no longer routes to this pod',
  }),
  shutdownGracePeriod: durationMs({
    defaultMs: 20_000,
    help: 'How long to wait at shutdown for admission requests in flight',
  }),
  logLevel: choice({ values: LOG_LEVELS, default: 'info', help: 'Lowest level that is logged' }),
  logtostderr: toggle({
    default: false,
    help: 'No effect, logs go to stdout; accepted because the AWS webhook has it',
  }),
  v: string({
    value: '<level>',
    default: '0',
    short: 'v',
    help: 'No effect, see --log-level; accepted because the AWS webhook has it',
  }),
} as const;

export type WebhookSettings = SettingsOf<typeof webhookSettings>;
