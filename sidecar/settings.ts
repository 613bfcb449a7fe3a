import { parseRoleArn, type RoleArn } from '../lib/arn.ts';
import {
  DEFAULT_SIDECAR_METRICS_PORT,
  DEFAULT_SIDECAR_PORT,
  SECRET_CREDENTIALS_PATH,
  SIDECAR_CREDENTIALS_PATH,
} from '../lib/contract/podrole.ts';
import { ENV } from '../lib/contract/sdk.ts';
import { SESSION_DURATION_SECONDS, SESSION_NAME } from '../lib/contract/sts.ts';
import { LOG_LEVELS } from '../lib/logger.ts';
import {
  choice,
  durationMs,
  integer,
  matching,
  optionalText,
  port,
  requiredText,
  type Setting,
  type SettingsOf,
  text,
  toggle,
} from '../lib/settings/settings.ts';
import { isSendable } from '../metadata/container-credentials/authorization.ts';

export interface GivenRole extends RoleArn {
  /** As it was given: STS takes nothing else. */
  readonly arn: string;
}

const roleArn: Setting<GivenRole | undefined> = {
  help: 'Role to assume',
  placeholder: '<arn>',
  fallback: undefined,
  required: true,
  unless: 'probe',
  variables: [ENV.roleArn],
  parse: (given) => {
    const role = parseRoleArn(given);
    if (role === undefined) throw new Error('a role ARN such as arn:aws:iam::111122223333:role/web');
    return { ...role, arn: given };
  },
};

const credentialsPath: Setting<string | undefined> = {
  help: 'Secret path of container credentials; /v1/credentials itself then needs --authorization-token or its file',
  placeholder: '<path>',
  fallback: undefined,
  isSecret: true,
  parse: (given) => {
    if (SECRET_CREDENTIALS_PATH.test(given)) return given;
    throw new Error(`${SIDECAR_CREDENTIALS_PATH}/ followed by 22 to 200 letters, digits or any of _~.-`);
  },
};

const authorizationToken: Setting<string | undefined> = {
  help: 'What clients must send as Authorization to get container credentials; better in a file or the variable',
  placeholder: '<token>',
  fallback: undefined,
  isSecret: true,
  parse: (given) => {
    if (isSendable(given)) return given;
    throw new Error('one line of printable ASCII, and more than Bearer alone');
  },
};

/** Settings of `podrole sidecar`. */
export const sidecarSettings = {
  probe: toggle(
    false,
    'Ask the sidecar that runs here whether it is ready, and exit 0 or 1: for a startup probe',
  ),
  roleArn,
  tokenFile: requiredText('<file>', 'Web identity token to exchange; read anew at each exchange', {
    variables: [ENV.webIdentityTokenFile],
    unless: 'probe',
  }),
  region: {
    ...matching(
      /^[a-z0-9-]{1,63}$/,
      'a region such as eu-central-1',
      '<region>',
      '',
      'Region of the STS, and the one that metadata tell',
      { variables: [ENV.region, ENV.defaultRegion, ENV.topologyRegion], unless: 'probe' },
    ),
    required: true,
  },
  sessionDuration: integer(
    SESSION_DURATION_SECONDS,
    '<seconds>',
    SESSION_DURATION_SECONDS.default,
    "How long a session lives, at most the role's MaxSessionDuration; renewed about half way",
  ),
  sessionName: {
    ...matching(
      SESSION_NAME.pattern,
      '2 to 64 letters, digits or any of _+=,.@-',
      '<name>',
      '',
      'Name of the session, seen in CloudTrail',
      { variables: [ENV.roleSessionName] },
    ),
    fallbackText: 'podrole- and the host name',
  },
  imdsv2: choice(
    ['optional', 'required'],
    'optional',
    'required: metadata needs a session token (IMDSv2), and container credentials need a secret path or authorization token',
  ),
  port: port(DEFAULT_SIDECAR_PORT, 'Port of metadata and container credentials, on loopback alone'),
  metricsPort: port(DEFAULT_SIDECAR_METRICS_PORT, 'HTTP port of /healthz, /readyz and /metrics'),
  metricsHost: text('<address>', '127.0.0.1', 'Address of the metrics port; :: for every one'),
  availabilityZone: optionalText('<zone>', 'Zone that metadata tell, such as eu-central-1a', {
    variables: [ENV.topologyZone],
  }),
  availabilityZoneId: optionalText('<id>', 'Zone ID that metadata tell, such as euc1-az2'),
  instanceId: {
    ...matching(
      /^i-[0-9a-f]{8}([0-9a-f]{9})?$/,
      'i- and 8 or 17 hexadecimal digits',
      '<id>',
      '',
      'Instance ID that metadata tell',
    ),
    fallbackText: 'made of the host name',
  },
  credentialsPath,
  authorizationToken,
  authorizationTokenFile: optionalText('<file>', 'File of that token; read anew at each request'),
  shutdownDelay: durationMs(
    0,
    'How long to go on serving after SIGTERM: for containers that end after this one',
  ),
  logLevel: choice(LOG_LEVELS, 'info', 'Least level that is logged; debug logs each request'),
} as const;

export type SidecarSettings = SettingsOf<typeof sidecarSettings>;
