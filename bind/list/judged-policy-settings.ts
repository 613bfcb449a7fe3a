import { policySettings } from '../../policy/settings.ts';

/** Settings of the webhook that decide which roles pods may use, for commands that only judge them. */
export const judgedPolicySettings = {
  rolePolicyFile: {
    ...policySettings.rolePolicyFile,
    help: 'Policy file of the webhook: which namespaces may use which roles',
  },
  policy: {
    ...policySettings.policy,
    help: 'Mode of the webhook for a refused role: log it (audit), warn (warn), or refuse the pod (enforce)',
  },
  podRoleAnnotation: {
    ...policySettings.podRoleAnnotation,
    help: 'Annotation of pods that names their role, as for podrole webhook, such as iam.amazonaws.com/role',
  },
  baseRoleArn: {
    ...policySettings.baseRoleArn,
    help: 'Prefix that completes a role name in the annotation of --pod-role-annotation, as for podrole webhook',
  },
  namespaceRestrictionFormat: policySettings.namespaceRestrictionFormat,
} as const;
