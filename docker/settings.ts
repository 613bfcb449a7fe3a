import { sessionDurationSetting } from '../credentials/session-duration.ts';
import { DEFAULT_DOCKER_METRICS_PORT, DEFAULT_DOCKER_PORT } from '../lib/contract/podrole.ts';
import { LOG_LEVELS } from '../lib/logger.ts';
import { choice, durationMs, matching, parsed, port, string, toggle } from '../lib/settings/kinds.ts';
import { resultOutput } from '../lib/settings/output-setting.ts';
import type { SettingsOf } from '../lib/settings/settings.ts';
import { regionSetting, zoneSettings } from '../metadata/zone-settings.ts';
import { policySettings } from '../policy/settings.ts';
import { socketPathOf } from './api/docker-host.ts';
import { parseAllowed } from './roles/allowed-roles.ts';

/**
 * Settings of `podrole docker`. AWS_WEB_IDENTITY_TOKEN_FILE does not stand in for --token-file: together with
 * AWS_ROLE_ARN it is a credential of the host itself, by which the AWS SDKs assume the host's role. Read as
 * --token-file, it would silently replace that role.
 */
export const dockerSettings = {
  dockerHost: matching({
    value: '<url>',
    variables: ['DOCKER_HOST'],
    default: 'unix:///var/run/docker.sock',
    pattern: { test: (given) => socketPathOf(given) !== undefined },
    expected: 'the Unix socket of the daemon of this host, such as unix:///var/run/docker.sock',
    help: 'Socket of the Docker daemon, or of podman system service',
  }),
  roleFile: string({
    value: '<file>',
    help: 'YAML file of containers, Compose services and images with their roles; read again when it changes',
  }),
  allow: {
    ...parsed<readonly string[]>({
      value: '<pattern,...>',
      default: [],
      expected:
        'patterns of role ARNs with * and ?, separated by commas, such as arn:aws:iam::111122223333:role/app-*',
      parse: parseAllowed,
      shownDefault: 'none that a container names itself; all of --role-file and --default-role',
      help: 'Role ARNs that a container may get, with * and ?; needed for roles that a label or IAM_ROLE names, since images bring both',
    }),
    many: true,
  },
  defaultRole: string({
    value: '<role>',
    help: 'Role, a name or an ARN, of every container for which nothing else names one',
  }),
  baseRoleArn: {
    ...policySettings.baseRoleArn,
    help: 'Prefix that completes the name of a role, such as arn:aws:iam::111122223333:role/',
  },
  tokenFile: string({
    value: '<file>',
    shownDefault: "roles are assumed with the host's own credentials",
    help: 'File of a web identity token, which is exchanged for the roles; read again for each exchange',
  }),
  region: regionSetting,
  sessionDuration: sessionDurationSetting,
  sessionTags: toggle({
    default: false,
    help: 'Assume roles with tags of the container: name, ID, image, Compose project and service; trust policies must then allow sts:TagSession',
  }),
  imdsv2: choice({
    values: ['optional', 'required'],
    default: 'optional',
    help: 'required: answer only requests that carry a session token (IMDSv2)',
  }),
  blockUnknown: toggle({
    default: true,
    help: 'Refuse instance metadata to containers without a role; false: answer 404, as an EC2 instance without a role does',
  }),
  port: port({
    default: DEFAULT_DOCKER_PORT,
    help: 'Port to which podrole redirect --docker leads the metadata addresses',
  }),
  metricsPort: port({
    default: DEFAULT_DOCKER_METRICS_PORT,
    help: 'HTTP port of /healthz, /livez, /readyz and /metrics',
  }),
  metricsHost: string({
    value: '<address>',
    default: '127.0.0.1',
    help: 'Address of the metrics port; :: for all addresses',
  }),
  checkRules: toggle({
    default: true,
    help: 'Be ready only while the rules of podrole redirect --docker are in effect',
  }),
  ...zoneSettings,
  shutdownDelay: durationMs({
    defaultMs: 0,
    help: 'How long to keep serving after SIGTERM at most, until the next podrole docker of this host is ready',
  }),
  check: toggle({
    default: false,
    help: 'Check the settings and the role file, print the role of each running container and its source, and end',
  }),
  output: { ...resultOutput, help: 'With --check: format of the list, for people or for programs' },
  logLevel: choice({
    values: LOG_LEVELS,
    default: 'info',
    help: 'Lowest level that is logged; debug logs every request',
  }),
} as const;

export type DockerSettings = SettingsOf<typeof dockerSettings>;
