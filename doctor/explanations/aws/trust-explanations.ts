import type { Explanations } from '../explanation.ts';

const ERRORS = ['Not authorized to perform sts:AssumeRoleWithWebIdentity', 'AccessDenied'];
const BIND =
  'Run `podrole bind --attach-role-arn ROLE --approve`: it adds a statement for exactly this ServiceAccount.';

/** Findings of the trust policy. */
export const trustExplanations = {
  TRUST_POLICY_UNREADABLE: {
    link: 'trust-policy',
    title: 'The trust policy is not JSON, or has no statement',
    errors: ERRORS,
    happened: 'The trust policy of the role lets nobody in.',
    remedy: 'Replace the trust policy by the one that `podrole doctor` prints.',
  },
  TRUST_POLICY_DENIES: {
    link: 'trust-policy',
    title: 'A Deny of the trust policy matches the token',
    errors: ERRORS,
    happened: 'A Deny overrides every Allow, and a Deny of the trust policy matches this ServiceAccount.',
    remedy: 'Exclude the ServiceAccount in the conditions of the Deny, or remove the Deny.',
  },
  TRUST_POLICY_NO_STATEMENT: {
    link: 'trust-policy',
    title: 'The trust policy has no statement for web identities',
    errors: ERRORS,
    happened:
      'The role trusts others only, such as the instances of EC2, EKS Pod Identity, or another account.',
    remedy: BIND,
  },
  TRUST_POLICY_OTHER_ACCOUNT: {
    link: 'trust-policy',
    title: 'The trust policy names the OIDC provider of another account',
    errors: ERRORS,
    happened:
      'STS uses the OIDC provider of the account in which the role is. A trust policy that was copied names the provider in the account where it was written.',
    remedy: BIND,
  },
  TRUST_POLICY_OTHER_ISSUER: {
    link: 'trust-policy',
    title: 'The trust policy names the OIDC provider of another issuer',
    errors: ERRORS,
    happened:
      'The principal is the provider of another cluster, or its ARN differs in a character, in case, or in a slash.',
    remedy: BIND,
  },
  TRUST_POLICY_WRONG_ACTION: {
    link: 'trust-policy',
    title: 'The trust policy allows another action than sts:AssumeRoleWithWebIdentity',
    errors: ERRORS,
    happened:
      'The statement with the OIDC provider allows sts:AssumeRole, for example, which takes no tokens.',
    remedy: BIND,
  },
  TRUST_POLICY_MISSPELT_KEY: {
    link: 'trust-policy',
    title: 'A condition key has https:// or an ARN before :sub or :aud',
    errors: ERRORS,
    happened:
      'The key of a claim is the issuer without `https://`, then the claim: `HOST/PATH:sub`. IAM keeps any other key, and no token has it.',
    remedy: BIND,
  },
  TRUST_POLICY_KEY_OF_OTHER_ISSUER: {
    link: 'trust-policy',
    title: 'A condition key is of another issuer',
    errors: ERRORS,
    happened:
      'The key of a claim begins with the issuer of the token. The statement has the issuer of another cluster there, or a slash too many.',
    remedy: BIND,
  },
  TRUST_POLICY_LITERAL_WILDCARD: {
    link: 'trust-policy',
    title: 'A wildcard in the trust policy is taken literally',
    errors: ERRORS,
    happened: 'StringEquals compares `*` and `?` literally. Only StringLike treats them as wildcards.',
    remedy: BIND,
  },
  TRUST_POLICY_WRONG_SUBJECT: {
    link: 'trust-policy',
    title: 'The trust policy is for another ServiceAccount',
    errors: ERRORS,
    happened:
      'The subject of a token is `system:serviceaccount:NAMESPACE:NAME`. The trust policy names another namespace or another name.',
    remedy: BIND,
  },
  TRUST_POLICY_WRONG_AUDIENCE: {
    link: 'trust-policy',
    title: 'The trust policy requires another audience',
    errors: ERRORS,
    happened: 'The condition on `HOST/PATH:aud` has another audience than the token.',
    remedy: BIND,
  },
  TRUST_POLICY_CONDITION_FAILED: {
    link: 'trust-policy',
    title: 'A condition of the trust policy does not hold',
    errors: ERRORS,
    happened: 'The statement has a further condition, such as a limit in time, which does not hold now.',
    remedy:
      'Correct the condition, or run `podrole bind --attach-role-arn ROLE --widen-trust --approve` for a statement without it.',
  },
  TRUST_POLICY_EXTERNAL_ID: {
    link: 'trust-policy',
    title: 'The trust policy demands an external ID',
    errors: ERRORS,
    happened:
      'kube2iam and kiam send the external ID of a pod by `sts:AssumeRole`. AssumeRoleWithWebIdentity has no such parameter, so a condition on `sts:ExternalId` never holds.',
    remedy:
      'Run `podrole bind --attach-role-arn ROLE --widen-trust --approve`: it adds a statement for this ServiceAccount without the condition. The subject of the token takes the place of the external ID.',
  },
  TRUST_POLICY_UNCHECKED: {
    link: 'trust-policy',
    title: 'The trust policy has a condition that podrole cannot check',
    errors: ERRORS,
    happened:
      'Conditions on the network, such as aws:SourceIp or aws:SourceVpc, can only be checked by STS, when the pod asks it.',
    remedy: 'Check that they hold where the pod runs. The live call shows whether they hold from here.',
  },
  TRUST_POLICY_NO_SUBJECT: {
    link: 'trust-policy',
    title: 'The trust policy lets in every ServiceAccount of the cluster',
    errors: [],
    happened: 'There is no condition on `HOST/PATH:sub`, so every pod of the cluster can have the role.',
    remedy: 'Add the condition. `podrole doctor` prints the command.',
  },
  TRUST_POLICY_NO_AUDIENCE: {
    link: 'trust-policy',
    title: 'The trust policy lets in tokens for every audience',
    errors: [],
    happened:
      'There is no condition on `HOST/PATH:aud`, so tokens for every client ID of the provider get in, also tokens for other programs.',
    remedy: 'Add the condition. `podrole doctor` prints the command.',
  },
  TRUST_POLICY_WILDCARD: {
    link: 'trust-policy',
    title: 'The trust policy lets in ServiceAccounts by a wildcard',
    errors: [],
    happened: 'Whoever may create a ServiceAccount whose name matches the wildcard gets the role.',
    remedy: 'Name each ServiceAccount. `podrole bind` adds a statement for one.',
  },
  TRUST_POLICY_ANY_ISSUER: {
    link: 'trust-policy',
    title: 'The trust policy lets in tokens of every issuer',
    errors: [],
    happened: 'A statement has the principal `*`: tokens of every OIDC provider of the account get in.',
    remedy: 'Name the provider in the statement, or remove the statement.',
  },
  TRUST_POLICY_LONG: {
    link: 'trust-policy',
    title: 'The trust policy is longer than the usual quota',
    errors: ['LimitExceeded', 'Cannot exceed quota for ACLSizePerRole: 2048'],
    happened: 'IAM accepts 2048 characters, unless AWS has raised the quota of the account.',
    remedy: 'Give some of the ServiceAccounts a role of their own.',
  },
} as const satisfies Explanations;
