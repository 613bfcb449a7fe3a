import {
  DEFAULT_ANNOTATION_PREFIX,
  DEFAULT_CONTAINER_CREDENTIALS,
  DEFAULT_TOKEN_AUDIENCE,
  DEFAULT_TOKEN_MOUNT_PATH,
  TOKEN_EXPIRATION_SECONDS,
} from '../../lib/contract/aws-webhook.ts';
import { PARTITION } from '../../lib/contract/iam.ts';
import { account } from '../../lib/settings/account-setting.ts';
import { integer, matching, string, toggle } from '../../lib/settings/kinds.ts';
import type { SettingsOf } from '../../lib/settings/settings.ts';
import { endpointSettings } from './endpoint-settings.ts';
import { injectedSidecarSettings } from './sidecar-settings.ts';

const absolutePath = { value: '<path>', pattern: /^\/[^\0]*$/, expected: 'an absolute path' } as const;

/** Settings that decide which identity a pod gets, for every command that gives one. */
export const identitySettings = {
  annotationPrefix: string({
    value: '<prefix>',
    default: DEFAULT_ANNOTATION_PREFIX,
    help: 'Prefix of the role-arn, audience and token annotations',
  }),
  tokenAudience: string({
    value: '<audience>',
    default: DEFAULT_TOKEN_AUDIENCE,
    help: 'Audience of the token if no annotation sets it',
  }),
  tokenMountPath: matching({
    ...absolutePath,
    default: DEFAULT_TOKEN_MOUNT_PATH,
    help: 'Mount path of the token volume',
  }),
  tokenExpiration: integer({
    value: '<seconds>',
    min: 0,
    max: TOKEN_EXPIRATION_SECONDS.max,
    default: TOKEN_EXPIRATION_SECONDS.default,
    help: `Lifetime of the token if no annotation sets it; at least ${TOKEN_EXPIRATION_SECONDS.min}, lower values are raised`,
  }),
  awsDefaultRegion: string({
    value: '<region>',
    default: '',
    aliases: ['awsRegion'],
    help: 'Set AWS_REGION and AWS_DEFAULT_REGION in containers that have neither',
  }),
  stsRegionalEndpoint: toggle({
    default: false,
    help: 'Set AWS_STS_REGIONAL_ENDPOINTS=regional if no annotation sets it',
  }),
  ...endpointSettings,
  composeRoleArn: toggle({
    default: false,
    help: 'Complete a role-arn annotation that is only a role name',
  }),
  accountId: account({
    emptyIsUnset: true,
    shownDefault: 'that of this EC2 instance',
    help: "Account for --compose-role-arn, or tenant of Ceph radosgw; none for Ceph's default tenant and for MinIO",
  }),
  partition: matching({
    value: '<partition>',
    pattern: PARTITION,
    expected: 'a partition such as aws, aws-cn or minio',
    default: '',
    shownDefault: 'that of the region',
    help: 'Partition for --compose-role-arn',
  }),
  containerCredentialsAudience: string({
    value: '<audience>',
    default: DEFAULT_CONTAINER_CREDENTIALS.audience,
    help: 'EKS Pod Identity: audience of the token',
  }),
  containerCredentialsTokenMountPath: matching({
    ...absolutePath,
    default: DEFAULT_CONTAINER_CREDENTIALS.mountPath,
    help: 'EKS Pod Identity: mount path of the token volume',
  }),
  containerCredentialsTokenVolumeName: string({
    value: '<name>',
    default: DEFAULT_CONTAINER_CREDENTIALS.volumeName,
    help: 'EKS Pod Identity: name of the token volume',
  }),
  containerCredentialsTokenPath: string({
    value: '<file>',
    default: DEFAULT_CONTAINER_CREDENTIALS.tokenPath,
    help: 'EKS Pod Identity: file name of the token in its volume',
  }),
  containerCredentialsFullUri: string({
    value: '<uri>',
    default: DEFAULT_CONTAINER_CREDENTIALS.fullUri,
    help: 'EKS Pod Identity: endpoint that serves the credentials',
  }),
  ...injectedSidecarSettings,
} as const;

export type IdentitySettings = SettingsOf<typeof identitySettings>;
