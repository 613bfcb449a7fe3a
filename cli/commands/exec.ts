import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { isatty } from 'node:tty';
import { systemClock } from '../../lib/clock.ts';
import { createLogger } from '../../lib/logger.ts';
import { runExec } from '../../sidecar/exec/run-exec.ts';
import { execSettings } from '../../sidecar/exec/settings.ts';
import { defineCommand } from '../command.ts';

const STANDARD_STREAMS = [0, 1, 2];

export const exec = defineCommand({
  description: `Runs a command as a role, on a laptop or in a CI job. It obtains a session first, by --token-file or else by your own AWS credentials, and serves it to the command as container credentials: on a random port of loopback, to who sends a random token. The session is renewed for as long as the command runs, and the endpoint ends with it.

Your own credentials are those that the AWS SDK for JavaScript finds: AWS_PROFILE, or else keys of the environment, the default profile with SSO, roles or a process, AWS_WEB_IDENTITY_TOKEN_FILE, container credentials, instance metadata. If a profile names a source that fails, no other source is asked.

The command must not run as anybody else, so it gets no other source of credentials:

  AWS_CONTAINER_CREDENTIALS_FULL_URI, AWS_CONTAINER_AUTHORIZATION_TOKEN
      are set
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_PROFILE,
  AWS_DEFAULT_PROFILE, AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE,
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, AWS_BEARER_TOKEN_*, older names
      are removed
  AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE, BOTO_CONFIG
      are /dev/null: a default profile would come first in most SDKs.
      Give other settings of these files by variables
  AWS_EC2_METADATA_DISABLED
      is true: the role of the machine does not replace a missing session
  NO_PROXY, no_proxy
      have 127.0.0.1 added: no proxy gets the token
  AWS_REGION, AWS_DEFAULT_REGION
      are --region if they are not set

An SDK without container credentials, such as boto 2, finds none.

SIGINT, SIGTERM, SIGHUP and SIGQUIT are passed on to the command. On a terminal, Ctrl-C reaches it directly. podrole itself prints only errors and warnings, on stderr.`,
  examples: [
    [
      'exec --role-arn arn:aws:iam::111122223333:role/deploy --region eu-west-1 -- aws s3 ls',
      'With your own AWS credentials',
    ],
    ['exec --token-file ./token -- terraform apply', 'In a CI job that has AWS_ROLE_ARN and AWS_REGION'],
  ],
  operands: [
    { placeholder: '<command>', help: 'program to run, after --' },
    { placeholder: '[args...]', help: 'its arguments' },
  ],
  runsCommand: `Exit codes: that of the command, 128 and the number of the signal that
ended it, 127 command not found, 126 command cannot be executed; before the
command starts 2 wrong usage, 3 failed.`,
  settings: execSettings,
  run: (settings, { stderr, env, passSignals }, command) =>
    runExec(settings, command, {
      logger: createLogger(settings.logLevel, stderr),
      clock: systemClock,
      random: Math.random,
      randomBytes,
      hostname: hostname(),
      isOnTerminal: STANDARD_STREAMS.some((stream) => isatty(stream)),
      env,
      stderr,
      passSignals,
    }),
});
