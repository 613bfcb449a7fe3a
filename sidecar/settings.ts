import { sessionDurationSetting } from '../credentials/session-duration.ts';
import { parseRoleArn, type RoleArn } from '../lib/arn.ts';
import {
  DEFAULT_SIDECAR_METRICS_PORT,
  DEFAULT_SIDECAR_PORT,
  SECRET_CREDENTIALS_PATH,
  SIDECAR_CREDENTIALS_PATH,
} from '../lib/contract/podrole.ts';
import { ENV } from '../lib/contract/sdk.ts';
import { SESSION_NAME } from '../lib/contract/sts.ts';
import { isObjectName, OBJECT_NAME_RULE } from '../lib/kubernetes-names.ts';
import { LOG_LEVELS } from '../lib/logger.ts';
import {
  choice,
  durationMs,
  integer,
  matching,
  parsed,
  port,
  string,
  toggle,
} from '../lib/settings/kinds.ts';
import { namespace } from '../lib/settings/name-settings.ts';
import type { SettingsOf } from '../lib/settings/settings.ts';
import { CLUSTER_NAME, CLUSTER_NAME_RULE } from '../lib/target-role.ts';
import { isSendable } from '../metadata/container-credentials/authorization.ts';
import { regionSetting, zoneSettings } from '../metadata/zone-settings.ts';

/** Settings of `podrole sidecar`. */
export const sidecarSettings = {
  roleArn: parsed<RoleArn>({
    value: '<arn>',
    required: true,
    variables: [ENV.roleArn],
    expected: 'a role ARN such as arn:aws:iam::111122223333:role/web',
    parse: parseRoleArn,
    help: 'Role to assume',
  }),
  tokenFile: string({
    value: '<file>',
    required: true,
    variables: [ENV.webIdentityTokenFile],
    help: 'File of the web identity token; read again for each exchange',
  }),
  region: regionSetting,
  sessionDuration: {
    ...sessionDurationSetting,
    help: "Lifetime of a session, at most the role's MaxSessionDuration; renewed after about half of it",
  },
  sessionName: matching({
    value: '<name>',
    variables: [ENV.roleSessionName],
    pattern: SESSION_NAME.pattern,
    expected: '2 to 64 letters, digits or any of _+=,.@-',
    shownDefault: 'podrole- and the host name',
    help: 'Name of the session, shown in CloudTrail',
  }),
  targetRoleArn: parsed<RoleArn>({
    value: '<arn>',
    expected: 'a role ARN such as arn:aws:iam::444455556666:role/shared',
    parse: parseRoleArn,
    help: 'Role that the role of --role-arn assumes and that is served instead of it, most often in another account; needs --cluster-name, --namespace and --service-account',
  }),
  sessionTags: toggle({
    default: true,
    help: 'Assume the target role with session tags; needs --pod-name and --pod-uid. Without tags the trust policy of the target role sees only the external id',
  }),
  clusterName: matching({
    value: '<name>',
    pattern: CLUSTER_NAME,
    expected: CLUSTER_NAME_RULE,
    help: 'Name of the cluster, in the external id and the session tags for the target role',
  }),
  namespace: namespace({
    emptyIsUnset: true,
    help: 'Namespace of the pod, in the external id and the session tags for the target role',
  }),
  serviceAccount: matching({
    value: '<name>',
    pattern: { test: isObjectName },
    expected: `a name: ${OBJECT_NAME_RULE}`,
    emptyIsUnset: true,
    help: 'ServiceAccount of the pod, in the external id and the session tags for the target role',
  }),
  podName: matching({
    value: '<name>',
    pattern: { test: isObjectName },
    expected: `a name: ${OBJECT_NAME_RULE}`,
    emptyIsUnset: true,
    help: 'Name of the pod, in the session tags for the target role',
  }),
  podUid: matching({
    value: '<uid>',
    pattern: /^[\w-]{1,128}$/,
    expected: 'up to 128 letters, digits, _ or -',
    emptyIsUnset: true,
    help: 'UID of the pod, in the session tags for the target role',
  }),
  imdsv2: choice({
    values: ['optional', 'required'],
    default: 'optional',
    help: 'required: instance metadata needs a session token (IMDSv2), and container credentials need a secret path or an authorization token',
  }),
  port: port({
    default: DEFAULT_SIDECAR_PORT,
    help: 'Loopback port of instance metadata and container credentials',
  }),
  metricsPort: port({
    default: DEFAULT_SIDECAR_METRICS_PORT,
    help: 'HTTP port of /healthz, /readyz and /metrics',
  }),
  metricsHost: string({
    value: '<address>',
    default: '127.0.0.1',
    help: 'Address of the metrics port; :: for all addresses',
  }),
  ...zoneSettings,
  instanceId: matching({
    value: '<id>',
    pattern: /^i-[0-9a-f]{8}([0-9a-f]{9})?$/,
    expected: 'i- and 8 or 17 hexadecimal digits',
    shownDefault: 'derived from the host name',
    help: 'Instance ID that instance metadata reports',
  }),
  credentialsPath: matching({
    value: '<path>',
    isSecret: true,
    pattern: SECRET_CREDENTIALS_PATH,
    expected: `${SIDECAR_CREDENTIALS_PATH}/ followed by 22 to 200 letters, digits or any of _~.-`,
    help: 'Secret path of container credentials; /v1/credentials then needs an authorization token',
  }),
  authorizationToken: matching({
    value: '<token>',
    isSecret: true,
    pattern: { test: isSendable },
    expected: 'one line of printable ASCII, with more than the word Bearer',
    help: 'Authorization header that clients of container credentials must send; prefer the file or the variable',
  }),
  authorizationTokenFile: string({
    value: '<file>',
    help: 'File of the authorization token; read again for each request',
  }),
  shutdownDelay: durationMs({
    defaultMs: 0,
    help: 'How long to keep serving after SIGTERM, for containers that end later',
  }),
  logLevel: choice({
    values: LOG_LEVELS,
    default: 'info',
    help: 'Lowest level that is logged; debug logs every request',
  }),
} as const;

/** Settings of `podrole probe`. */
export const probeSettings = {
  metricsPort: integer({
    min: 1,
    max: 65_535,
    value: '<port>',
    default: DEFAULT_SIDECAR_METRICS_PORT,
    help: 'Metrics port of the sidecar',
  }),
} as const;

export type SidecarSettings = SettingsOf<typeof sidecarSettings>;
