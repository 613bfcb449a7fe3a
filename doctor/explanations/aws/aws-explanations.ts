import type { Explanations } from '../explanation.ts';
import { exchangeExplanations } from './exchange-explanations.ts';
import { permissionExplanations } from './permission-explanations.ts';
import { targetExplanations } from './target-explanations.ts';
import { trustExplanations } from './trust-explanations.ts';

const NOT_AUTHORIZED = 'Not authorized to perform sts:AssumeRoleWithWebIdentity';

export const awsExplanations = {
  PROVIDER_MISSING: {
    link: 'provider',
    title: 'IAM has no OIDC provider for the issuer',
    errors: [
      'No OpenIDConnect provider found in your account for',
      'The web identity token provided could not be validated',
    ],
    happened:
      'STS looks for an OIDC provider with exactly the issuer of the token, in the account of the role. There is none: the cluster is new, or its issuer was changed.',
    remedy: 'Run `podrole provider ensure --approve` with credentials of the account of the role.',
  },
  PROVIDER_NEAR_MISS: {
    link: 'provider',
    title: 'The OIDC provider is for almost the same issuer',
    errors: [
      'No OpenIDConnect provider found in your account for',
      'The web identity token provided could not be validated',
    ],
    happened:
      'STS compares every character of the issuer. The provider in IAM has another case, a slash more or less, or a mistyped character.',
    remedy:
      'Run `podrole provider ensure --approve`, which creates the right provider. The URL of a provider cannot be changed.',
  },
  PROVIDER_LACKS_AUDIENCE: {
    link: 'provider',
    title: 'The OIDC provider lacks the audience of the token',
    errors: ['Incorrect token audience', 'The web identity token provided could not be validated'],
    happened:
      'The client IDs of the provider are the audiences that it accepts. The token is for another one: an annotation or a flag of the webhook changed the audience, or the provider was made without it.',
    remedy: 'Run `podrole provider ensure --client-id AUDIENCE --approve`.',
  },
  ROLE_MISSING: {
    link: 'role',
    title: 'The role does not exist',
    errors: [NOT_AUTHORIZED, 'AccessDenied'],
    happened:
      'The role of the annotation was deleted, or never created. STS answers as for a role that may not be assumed.',
    remedy: 'Create the role with `podrole bind`, or correct the annotation.',
  },
  ROLE_NEAR_MISS: {
    link: 'role',
    title: 'The name of the role is mistyped',
    errors: [NOT_AUTHORIZED, 'AccessDenied'],
    happened: 'The account has no role of this name, but one with almost the same name.',
    remedy: 'Bind the ServiceAccount to the right role with `podrole bind --attach-role-arn`.',
  },
  ROLE_OTHER_PATH: {
    link: 'role',
    title: 'The ARN of the role has another path',
    errors: [NOT_AUTHORIZED, 'AccessDenied'],
    happened:
      'The ARN of a role contains its path: `role/team/web`. The annotation leaves the path out, or has another one, and STS compares the whole ARN.',
    remedy: 'Copy the ARN from IAM into the annotation, and restart the pods.',
  },
  ROLE_OTHER_ACCOUNT: {
    link: 'role',
    title: 'The ARN of the role names another account',
    errors: [NOT_AUTHORIZED, 'AccessDenied'],
    happened:
      'STS refuses the role, and the account of your credentials has a role of the same name. The account in the ARN is mistyped, or was copied from elsewhere.',
    remedy:
      'Bind the ServiceAccount to the role of the right account. If the other account is meant, look at its role with credentials of that account.',
  },
  ROLE_HAS_TAGS: {
    link: 'role',
    title: 'The role has tags, which Ceph radosgw does not accept',
    errors: ['AccessDenied'],
    happened: 'Ceph radosgw refuses every web identity token for a role that has tags.',
    remedy: 'Remove the tags. Give `podrole bind` the flag `--ownership-tags=false`.',
  },
  DURATION_OVER_MAXIMUM: {
    link: 'duration',
    title: 'The pod asks for a longer session than the role allows',
    errors: [
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
      'ValidationError',
    ],
    happened: 'A variable of a container asks for a longer session than the MaxSessionDuration of the role.',
    remedy: 'Raise the MaxSessionDuration with `podrole bind --session-duration`, or lower the variable.',
  },
  DURATION_IMPOSSIBLE: {
    link: 'duration',
    title: 'The pod asks for a session that STS never gives',
    errors: ['ValidationError', 'Value at durationSeconds failed to satisfy constraint'],
    happened:
      'STS gives sessions of 15 minutes to 12 hours. A variable of a container asks for another length.',
    remedy: 'Correct the variable, and restart the pod.',
  },
  ...trustExplanations,
  ...exchangeExplanations,
  ...permissionExplanations,
  ...targetExplanations,
} as const satisfies Explanations;
