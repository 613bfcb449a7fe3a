import type { ErrorCatalogue } from './catalogue.ts';

/** Token file, STS and sessions of sidecar, agent and `exec`, which answer SDKs with these codes. */
export const sidecarErrors = {
  CA_UNREADABLE: {
    happened: 'The file that `AWS_CA_BUNDLE` names cannot be read, or a certificate in it cannot.',
    remedy: 'Name a PEM file that the user of the process may read, or unset the variable.',
  },
  COMMAND_NOT_STARTED: {
    happened: 'The command of `podrole exec` was not found, or cannot be executed.',
    remedy: 'Name a program of the `PATH`, or an executable file. Write `--` before it.',
  },
  EMPTY_FILE: {
    happened: 'The file of `--authorization-token-file` is empty, so no client is served.',
    remedy: 'Write the token there that clients must send, or leave the flag out.',
  },
  NOT_READY: {
    happened: '`podrole probe` found the sidecar running but not ready.',
    remedy: 'Wait, or correct what the message names.',
  },
  STOPPING: {
    happened: 'The sidecar or the agent is shutting down and requests no more sessions.',
    remedy: 'Ask again once it has been started again.',
  },
  STS_ANSWER_INVALID: {
    happened: 'STS gave an answer that holds no valid session, or something else than STS answered.',
    remedy:
      'Check that the address is an STS, that no proxy answers in its place, and that the clocks are right.',
  },
  STS_FAILED: {
    happened: 'STS answered with an error that passes: it is throttled, overloaded or failing.',
    remedy: 'Wait: it passes by itself. The sidecar and the agent ask again.',
  },
  STS_REFUSED: {
    happened:
      'STS refused the role or the token. Most often the trust policy of the role does not match the issuer, the ServiceAccount or the audience.',
    remedy:
      'The message has the code of STS and what to check. `podrole list` compares the trust policies with the ServiceAccounts. See [Target roles](target-roles.md) for a role that another one assumes.',
  },
  STS_UNREACHABLE: {
    happened: 'No connection to STS, or no answer in time.',
    remedy:
      'Check that its address answers from the pod, for the agent from the node, and that its certificate is trusted (`AWS_CA_BUNDLE`).',
  },
  TOKEN_INVALID: {
    happened: 'The token file is empty, too short or too long for STS, or has white space inside the token.',
    remedy: 'Write the token there and nothing else.',
  },
  TOKEN_UNREADABLE: {
    happened: 'The token file of the pod cannot be read.',
    remedy:
      'Name it with `--token-file` or `AWS_WEB_IDENTITY_TOKEN_FILE`. The user of the sidecar must be allowed to read it. The agent reads it from the folders of kubelet.',
  },
  UNREACHABLE: {
    happened: '`podrole probe` got no answer.',
    remedy: 'Check that the sidecar runs, and give the probe its `--metrics-port`.',
  },
  UNUSABLE_TOKEN: {
    happened:
      'The file of `--authorization-token-file` is not one line of printable ASCII, so no client can send it.',
    remedy: 'Write such a token there, or leave the flag out.',
  },
} as const satisfies ErrorCatalogue;
