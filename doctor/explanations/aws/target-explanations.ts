import type { Explanations } from '../explanation.ts';

const DENIED = ['is not authorized to perform: sts:AssumeRole on resource'];
const DENIED_TAGS = ['is not authorized to perform: sts:TagSession on resource'];

/** Findings of the target role, which the role of the pods assumes. */
export const targetExplanations = {
  TARGET_MALFORMED: {
    link: 'target',
    title: 'The target role is not the ARN of a role',
    errors: [],
    happened: 'The annotation podrole.dev/target-role-arn of the ServiceAccount is malformed.',
    remedy: 'Correct the annotation, or bind the target again by `podrole bind --target-role-arn`.',
  },
  TARGET_MISSING: {
    link: 'target',
    title: 'The target role does not exist',
    errors: DENIED,
    happened:
      'IAM has no role with the ARN of the annotation. STS refuses it as it refuses every unknown role.',
    remedy:
      'Create the role with the policies that the pods need, then run `podrole bind --target-role-arn`.',
  },
  TARGET_DOES_NOT_TRUST: {
    link: 'target',
    title: 'The target role does not trust the role of the pods',
    errors: DENIED,
    happened: 'No statement of its trust policy names the role of the pods, or its account.',
    remedy: 'Run `podrole bind --target-role-arn`, which adds the statement.',
  },
  TARGET_ROLE_DELETED: {
    link: 'target',
    title: 'The target role trusts a role that was deleted',
    errors: DENIED,
    happened:
      'When a role is deleted, IAM replaces its ARN in trust policies by an ID that begins with AROA. A new role of the same name is another principal.',
    remedy: 'Run `podrole bind --target-role-arn` again, which writes the ARN of the new role.',
  },
  TARGET_EXTERNAL_ID: {
    link: 'target',
    title: 'The target role expects another external id',
    errors: DENIED,
    happened:
      'The external id is `REGION/ACCOUNT/CLUSTER/NAMESPACE/SERVICEACCOUNT`. The trust policy names another one, for example after the cluster was renamed.',
    remedy:
      'Compare each part: the region of the STS, the account of the role of the pods, and the `--cluster-name` of `podrole bind` and of the webhook or agent that serves the pods.',
  },
  TARGET_TAGS: {
    link: 'target',
    title: 'The target role expects other session tags',
    errors: [...DENIED, ...DENIED_TAGS],
    happened:
      'A condition on aws:RequestTag does not hold: a tag has another value, or the annotation podrole.dev/session-tags switches the tags off.',
    remedy: 'Run `podrole bind --target-role-arn` with the same `--session-tags` as the annotation.',
  },
  TARGET_CONDITION: {
    link: 'target',
    title: 'A condition of the target role does not hold',
    errors: DENIED,
    happened: 'A statement names the role of the pods, under a condition that it does not meet.',
    remedy: 'Correct the condition. podrole does not remove conditions of others.',
  },
  TARGET_WITHOUT_TAG_SESSION: {
    link: 'target',
    title: 'The target role does not allow session tags',
    errors: DENIED_TAGS,
    happened: 'A session with tags needs sts:TagSession beside sts:AssumeRole in the trust policy.',
    remedy: 'Run `podrole bind --target-role-arn`, or switch the tags off by `--session-tags=false`.',
  },
  TARGET_DENIES: {
    link: 'target',
    title: 'The target role denies the role of the pods',
    errors: [...DENIED, 'with an explicit deny in a resource-based policy'],
    happened: 'A Deny of its trust policy overrides every Allow.',
    remedy: 'Remove the Deny, or exclude the role of the pods from it.',
  },
  TARGET_NOT_ALLOWED: {
    link: 'target',
    title: 'The role of the pods may not assume the target role',
    errors: [...DENIED, 'because no identity-based policy allows the sts:AssumeRole action'],
    happened:
      'Both policies must allow it: the trust policy of the target role, and a policy of the role of the pods.',
    remedy: 'Run `podrole bind --target-role-arn`, which adds the inline policy podrole-target-role.',
  },
  TARGET_OPEN: {
    link: 'target',
    title: 'The target role lets in more than this ServiceAccount',
    errors: [],
    happened:
      'A statement of its trust policy names a whole account, or everyone, without a condition on the external id.',
    remedy: 'Replace it by a statement for each role that needs it, as `podrole bind` writes it.',
  },
} as const satisfies Explanations;
