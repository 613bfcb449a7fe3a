import type { Explanations } from '../explanation.ts';

const NO_CREDENTIALS = [
  'Unable to locate credentials',
  'NoCredentialProviders: no valid providers in chain',
] as const;

/** Findings about roles that pods name, and about the rules of their namespace. */
export const ruleExplanations = {
  POD_ROLE_INCOMPLETE: {
    link: 'annotation',
    title: 'The pod names its role without an account',
    errors: [...NO_CREDENTIALS],
    happened:
      'kube2iam and kiam complete the name of a role by `--base-role-arn`. The webhook, or `podrole doctor`, runs without it.',
    remedy: 'Give both `--base-role-arn arn:aws:iam::ACCOUNT:role/`, or write the ARN in the annotation.',
  },
  POD_ROLE_MALFORMED: {
    link: 'annotation',
    title: 'The annotation of the pod is not a role',
    errors: [...NO_CREDENTIALS],
    happened: 'The value is neither the ARN of a role nor the name of one, with or without a path.',
    remedy: 'Write the ARN of the role in the template of the pod, then create the pod again.',
  },
  SESSION_NAME_INVALID: {
    link: 'annotation',
    title: 'The session name of the pod is ignored',
    errors: ['Member must satisfy regular expression pattern: [\\w+=,.@-]*'],
    happened: 'STS takes session names of 2 to 64 characters, of a small set.',
    remedy: 'Correct the annotation, or remove it.',
  },
  EXTERNAL_ID_UNUSED: {
    link: 'annotation',
    title: 'The external ID of the pod is not sent',
    errors: [],
    happened:
      'kube2iam and kiam send an external ID by `sts:AssumeRole`. AssumeRoleWithWebIdentity has no such parameter. The subject of the token takes its place: nobody but the ServiceAccount has it.',
    remedy: 'Remove the annotation when the old proxy is gone.',
  },
  ROLE_NOT_PERMITTED: {
    link: 'annotation',
    title: 'The annotation iam.amazonaws.com/permitted of the namespace refuses the role',
    errors: [...NO_CREDENTIALS],
    happened:
      "kiam's rule of the namespace is a regular expression. It must match the whole role that the pod names, as it is written or as an ARN. An expression that cannot be read allows no role.",
    remedy: 'Name a role that it matches, or extend the expression, then create the pod again.',
  },
  ROLE_NOT_IN_ALLOWED_ROLES: {
    link: 'annotation',
    title: 'The annotation iam.amazonaws.com/allowed-roles of the namespace refuses the role',
    errors: [...NO_CREDENTIALS],
    happened:
      "kube2iam's rule of the namespace is a JSON array of patterns, none of which matches the role that the pod names. Names in it are completed by `--base-role-arn`. A rule that cannot be read allows no role.",
    remedy: 'Name a role that it matches, or add this one, then create the pod again.',
  },
  ROLE_NOT_IN_NAMESPACE_POLICY: {
    link: 'annotation',
    title: 'The annotation podrole.dev/allowed-roles of the namespace refuses the role',
    errors: [...NO_CREDENTIALS],
    happened:
      'The annotation lists patterns of role ARNs, none of which matches the role. A role that a pod names is not given then. Any other is given, unless the webhook runs with `--policy=enforce`.',
    remedy: 'Use a role that it lists, or add this one, then create the pod again.',
  },
  ROLE_NOT_IN_POLICY_FILE: {
    link: 'annotation',
    title: 'The policy file refuses the role',
    errors: [...NO_CREDENTIALS],
    happened:
      'No rule of the policy file allows the role to this ServiceAccount. A role that a pod names is not given then. Any other is given, unless the webhook runs with `--policy=enforce`.',
    remedy: 'Use a role that the file allows, or add a rule.',
  },
  ROLE_WITHOUT_RULE: {
    link: 'annotation',
    title: 'No rule allows the role that the pod names',
    errors: [...NO_CREDENTIALS],
    happened:
      'Whoever may create a pod may name any role in its annotation. So podrole gives such a role only if a rule of the namespace or the policy file allows it, as kiam does.',
    remedy: 'Annotate the namespace with the roles that its pods may use, then create the pod again.',
  },
  POD_ROLE_NOT_READ: {
    link: 'webhook',
    title: 'The webhook does not read the annotation of the pod',
    errors: [...NO_CREDENTIALS],
    happened:
      'The pod names a role, and the rules allow it, but a pod that was only validated came back without it: the webhook runs without `--pod-role-annotation`, or with another value.',
    remedy: 'Set the option of the webhook, then create the pod again.',
  },
  POLICY_REFUSES_POD: {
    link: 'webhook',
    title: 'podrole refuses the pod',
    errors: ['admission webhook "pods.podrole.dev" denied the request'],
    happened:
      'The webhook runs with `--policy=enforce`, and a rule refuses a role of the pod. Its controller tries again, and nothing but its events says so.',
    remedy: 'Do what the refusal says.',
  },
  PODS_REFUSED: {
    link: 'pod',
    title: 'The controller cannot create the pods of the workload',
    errors: ['FailedCreate', 'Error creating: pods is forbidden'],
    happened: 'There is no pod, since the API server refuses it: by a quota, a policy or a webhook.',
    remedy: 'Do what the refusal says.',
  },
  POD_BY_OLD_PROXY: {
    link: 'pod',
    title: 'kube2iam or kiam still serves the pod',
    errors: [],
    happened:
      'The pod was created before the webhook read its annotation, so it has no token. The old proxy gives it the role as before.',
    remedy: 'Create the pod again before you remove the old proxy.',
  },
} as const satisfies Explanations;
