import { sessionDurationSetting } from '../../credentials/session-duration.ts';
import { parseRoleArn, type RoleArn } from '../../lib/arn.ts';
import { ENV } from '../../lib/contract/sdk.ts';
import { SESSION_NAME } from '../../lib/contract/sts.ts';
import { LOG_LEVELS } from '../../lib/logger.ts';
import { choice, matching, parsed, string } from '../../lib/settings/kinds.ts';
import type { SettingsOf } from '../../lib/settings/settings.ts';
import { regionSetting } from '../../metadata/zone-settings.ts';

/** Settings of `podrole exec`. */
export const execSettings = {
  roleArn: parsed<RoleArn>({
    value: '<arn>',
    required: true,
    variables: [ENV.roleArn],
    expected: 'a role ARN such as arn:aws:iam::111122223333:role/deploy',
    parse: parseRoleArn,
    help: 'Role of the command',
  }),
  tokenFile: string({
    value: '<file>',
    variables: [ENV.webIdentityTokenFile],
    help: 'File of a web identity token, read again for each exchange. Without it, your own AWS credentials assume the role',
  }),
  region: {
    ...regionSetting,
    help: 'AWS region of STS; the command gets it too, unless it has another one',
  },
  sessionName: matching({
    value: '<name>',
    variables: [ENV.roleSessionName],
    pattern: SESSION_NAME.pattern,
    expected: '2 to 64 letters, digits or any of _+=,.@-',
    shownDefault: 'podrole- and the host name',
    help: 'Name of the session, shown in CloudTrail',
  }),
  sessionDuration: {
    ...sessionDurationSetting,
    help: "Lifetime of a session, at most the role's MaxSessionDuration; renewed after about half of it. A role that assumes the role gets 3600 at most",
  },
  logLevel: choice({
    values: LOG_LEVELS,
    default: 'warn',
    help: 'Lowest level that is logged, on stderr; info logs each session, debug each request',
  }),
} as const;

export type ExecSettings = SettingsOf<typeof execSettings>;
