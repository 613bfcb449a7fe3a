import type { ErrorCatalogue } from './catalogue.ts';

/** Calls to IAM, by `bind`, `unbind`, `list` and `provider`. */
export const iamErrors = {
  CHANGED_MEANWHILE: {
    happened: 'Somebody else created or changed an object of IAM or of the cluster during the run.',
    remedy: 'Run the command again: it plans from what is there now.',
  },
  IAM_ACCESS_DENIED: {
    happened: 'IAM refused a call of these credentials.',
    remedy: 'Allow the action that the message names, or use other credentials.',
  },
  IAM_DELETE_CONFLICT: {
    happened: 'IAM does not delete a role to which something is still attached, such as an instance profile.',
    remedy: 'Remove what the message names, then run again.',
  },
  IAM_INVALID_INPUT: {
    happened: 'IAM refused a value, such as a policy document that it cannot parse.',
    remedy: 'Correct what the message of IAM names, then run again.',
  },
  IAM_QUOTA: {
    happened:
      'A change would exceed a quota of the account, or a limit of IAM: client IDs or thumbprints per OIDC provider, OIDC providers per account.',
    remedy: 'Remove what is no longer needed, or request a higher quota from AWS where there is one.',
  },
  IAM_THROTTLED: {
    happened: 'IAM answered that there are too many calls, also after several attempts.',
    remedy: 'Run again in a minute. What is done is not done twice.',
  },
  IAM_UNREACHABLE: {
    happened: 'A call to IAM failed without an answer that podrole knows.',
    remedy: 'Check `AWS_REGION`, `AWS_ENDPOINT_URL_IAM` and the network, then run again.',
  },
  IAM_UNSUPPORTED: {
    happened: 'The server lacks a call of IAM. Ceph radosgw, for one, implements a part of IAM only.',
    remedy: 'Make that change with the tools of the server, or give permissions by `--policy-file`.',
  },
  INVALID_AWS_CREDENTIALS: {
    happened: 'AWS does not accept the credentials: they are unknown, expired, or the signature is wrong.',
    remedy: 'Use credentials that are valid now, and check the clock of this machine.',
  },
  NOT_IN_IAM: {
    happened: 'IAM has no object of that name in the account of the credentials.',
    remedy: 'Check the name and the account, then run again.',
  },
  NO_AWS_CREDENTIALS: {
    happened: 'No AWS credentials were found.',
    remedy: 'Set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or `AWS_PROFILE`, as for the AWS CLI.',
  },
} as const satisfies ErrorCatalogue;
