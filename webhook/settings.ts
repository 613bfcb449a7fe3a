import { injectedSidecarSettings } from '../identity/sidecar-settings.ts';
import {
  DEFAULT_ANNOTATION_PREFIX,
  DEFAULT_CONTAINER_CREDENTIALS,
  DEFAULT_TOKEN_AUDIENCE,
  DEFAULT_TOKEN_MOUNT_PATH,
  TOKEN_EXPIRATION_SECONDS,
} from '../lib/contract/aws-webhook.ts';
import { namespaceSetting, objectNameSetting } from '../lib/kubernetes-names.ts';
import { LOG_LEVELS } from '../lib/logger.ts';
import {
  choice,
  durationMs,
  integer,
  list,
  matching,
  optionalText,
  port,
  type SettingsOf,
  text,
  toggle,
} from '../lib/settings/settings.ts';
import { certificateLifetime } from './certificates/lifetime-setting.ts';

const ABSOLUTE_PATH = /^\/[^\0]*$/;

/** What decides which identity a pod gets; shared by `podrole webhook` and `podrole inject`. */
export const identitySettings = {
  annotationPrefix: text(
    '<prefix>',
    DEFAULT_ANNOTATION_PREFIX,
    'Prefix of the role-arn, audience and token annotations',
  ),
  tokenAudience: text(
    '<audience>',
    DEFAULT_TOKEN_AUDIENCE,
    'Audience of the token, where no annotation says otherwise',
  ),
  tokenMountPath: matching(
    ABSOLUTE_PATH,
    'an absolute path',
    '<path>',
    DEFAULT_TOKEN_MOUNT_PATH,
    'Where the token volume is mounted',
  ),
  tokenExpiration: integer(
    { min: 0, max: TOKEN_EXPIRATION_SECONDS.max },
    '<seconds>',
    TOKEN_EXPIRATION_SECONDS.default,
    `Lifetime of the token, where no annotation says otherwise; raised to at least ${TOKEN_EXPIRATION_SECONDS.min}`,
  ),
  awsDefaultRegion: text(
    '<region>',
    '',
    'Sets AWS_REGION and AWS_DEFAULT_REGION in containers that have neither',
    { aliases: ['awsRegion'] },
  ),
  stsRegionalEndpoint: toggle(
    false,
    'Sets AWS_STS_REGIONAL_ENDPOINTS=regional, where no annotation says otherwise',
  ),
  composeRoleArn: toggle(false, 'Completes a role-arn annotation that is only a role name'),
  accountId: matching(
    /^(\d{12})?$/,
    'twelve digits',
    '<account>',
    '',
    'Account for --compose-role-arn; default: the one of this EC2 instance',
  ),
  partition: matching(
    /^(aws(-[a-z]+)*)?$/,
    'a partition such as aws or aws-cn',
    '<partition>',
    '',
    'Partition for --compose-role-arn; default: the one of the region',
  ),
  containerCredentialsAudience: text(
    '<audience>',
    DEFAULT_CONTAINER_CREDENTIALS.audience,
    'EKS Pod Identity: audience of the token',
  ),
  containerCredentialsTokenMountPath: matching(
    ABSOLUTE_PATH,
    'an absolute path',
    '<path>',
    DEFAULT_CONTAINER_CREDENTIALS.mountPath,
    'EKS Pod Identity: where the token volume is mounted',
  ),
  containerCredentialsTokenVolumeName: text(
    '<name>',
    DEFAULT_CONTAINER_CREDENTIALS.volumeName,
    'EKS Pod Identity: name of the token volume',
  ),
  containerCredentialsTokenPath: text(
    '<file>',
    DEFAULT_CONTAINER_CREDENTIALS.tokenPath,
    'EKS Pod Identity: file name of the token in its volume',
  ),
  containerCredentialsFullUri: text(
    '<uri>',
    DEFAULT_CONTAINER_CREDENTIALS.fullUri,
    'EKS Pod Identity: endpoint that hands out credentials',
  ),
  ...injectedSidecarSettings,
} as const;

/** Settings of `podrole webhook`. Names and defaults are the AWS webhook's where it has the flag. */
export const webhookSettings = {
  ...identitySettings,
  port: port(443, 'HTTPS port of /mutate'),
  metricsPort: port(9999, 'HTTP port of /healthz, /readyz and /metrics'),
  tlsCert: text('<file>', '/etc/webhook/certs/tls.crt', 'Serving certificate, PEM; reloaded when it changes'),
  tlsKey: text('<file>', '/etc/webhook/certs/tls.key', 'Its private key, PEM'),
  tlsMinVersion: choice(['VersionTLS12', 'VersionTLS13'], 'VersionTLS12', 'Oldest TLS version served'),
  tlsCipherSuites: list('<suites>', 'Cipher suites for TLS 1.2, by their IANA names; default: those of Node'),
  clientCa: optionalText(
    '<file>',
    'CA of client certificates, PEM, reloaded when it changes: only clients with a certificate of it are served; default: every client',
  ),
  clientName: list(
    '<names>',
    'Common names of the client certificates that are served; default: every name that --client-ca signed',
  ),
  inCluster: toggle(
    false,
    'The webhook makes and renews its own certificate, in place of --tls-cert and --tls-key',
  ),
  serviceName: objectNameSetting('pod-identity-webhook', 'Service of the webhook; only for --in-cluster'),
  tlsSecret: objectNameSetting('pod-identity-webhook', 'Secret of the certificate; only for --in-cluster'),
  webhookConfiguration: objectNameSetting(
    'pod-identity-webhook',
    'MutatingWebhookConfiguration whose caBundle is kept; only for --in-cluster',
  ),
  certificateLifetime,
  kubeconfig: optionalText(
    '<file>',
    'Cluster to ask; default: KUBECONFIG, else the cluster that this pod runs in',
    { emptyIsUnset: true },
  ),
  kubeApi: optionalText('<url>', 'Address of the API server, in place of the one in the kubeconfig', {
    emptyIsUnset: true,
  }),
  serviceAccounts: optionalText('<file>', 'Take ServiceAccounts from this YAML file; no cluster is asked'),
  namespace: namespaceSetting('eks', 'Namespace of the webhook and of its ConfigMap'),
  watchConfigMap: toggle(false, 'Also take identities from the ConfigMap pod-identity-webhook'),
  watchContainerCredentialsConfig: optionalText(
    '<file>',
    'EKS Pod Identity: JSON file of the ServiceAccounts to serve; reloaded when it changes',
    { emptyIsUnset: true },
  ),
  liveLookup: choice(
    ['miss', 'always'],
    'miss',
    'Ask the API server for a ServiceAccount that the watch does not know (miss), or at each pod (always)',
  ),
  serviceAccountLookupGracePeriod: durationMs(
    0,
    'How long to wait for a ServiceAccount that does not exist yet',
  ),
  resyncPeriod: durationMs(
    60_000,
    'How long one watch request lasts before it is renewed from where it stood',
  ),
  shutdownDelay: durationMs(
    0,
    'How long a terminating webhook goes on as before, until nobody is led to it any more',
  ),
  shutdownGracePeriod: durationMs(20_000, 'How long a terminating webhook waits for reviews in flight'),
  logLevel: choice(LOG_LEVELS, 'info', 'Least level that is logged'),
  logtostderr: toggle(false, 'Accepted for the sake of the AWS webhook; no effect, logs go to stdout'),
  v: text('<level>', '0', 'Accepted for the sake of the AWS webhook; no effect, see --log-level', {
    short: 'v',
  }),
} as const;

export type IdentitySettings = SettingsOf<typeof identitySettings>;
export type WebhookSettings = SettingsOf<typeof webhookSettings>;
