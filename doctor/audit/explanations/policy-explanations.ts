import type { AuditExplanation } from './audit-explanation.ts';

/** Findings about rules that say which namespaces may use which roles, and about the old proxy. */
export const policyExplanations = {
  ROLE_AGAINST_POLICY: {
    title: 'A role is used against the policy',
    severity: 'medium',
    happened:
      'Pods of the ServiceAccount have a role that a rule of their namespace, or the policy file, refuses. They were created before the rule, by the old proxy, or under `--policy=warn`.',
    remedy:
      'Allow the role to the namespace, or take it from the ServiceAccount. Then run the webhook with `--policy=enforce`.',
  },
  WILDCARD_TRUST_WITHOUT_POLICY: {
    title: 'Roles let in more than single ServiceAccounts, and no policy limits who names them',
    severity: 'medium',
    happened:
      'Whoever may annotate a ServiceAccount may name any role whose trust policy lets it in by a wildcard. No policy file and no annotation `podrole.dev/allowed-roles` limits that.',
    remedy: 'Let each role trust single ServiceAccounts. Until then, write a policy.',
  },
  NAMESPACE_RULE_ALLOWS_ALL: {
    title: 'The rule of a namespace allows every role',
    severity: 'medium',
    happened:
      'The annotation of the Namespace matches every role. Whoever may create a pod there may name any role that trusts one of its ServiceAccounts or, with kube2iam and kiam, any role that the proxy may assume.',
    remedy: 'Name the roles that the pods of the namespace need.',
  },
  NAMESPACE_RULE_NOT_JUDGED: {
    title: 'Nobody judges by the rule of a namespace',
    severity: 'medium',
    happened:
      'Namespaces have the annotation `podrole.dev/allowed-roles`, and it limits nobody. The webhook looks at it only with `--role-policy-file`, `--pod-role-annotation`, `--policy=audit` or `--policy=enforce`, and the audit has none of these options. Policies of `podrole policy -o vap` are not read.',
    remedy: 'Give the webhook one of these options. If it has one, give `podrole audit` the same.',
  },
  CAN_CHANGE_NAMESPACE_RULES: {
    title: 'Somebody may change the rules of namespaces',
    severity: 'medium',
    happened:
      'The binding allows `update` or `patch` on Namespaces. The rules that say which roles pods may name are annotations of the Namespace, so its subjects may allow themselves any role that trusts their ServiceAccounts.',
    remedy: 'Remove the right, or use the policy file, which is not in the cluster objects of tenants.',
  },
  OLD_PROXY_MAY_ASSUME: {
    title: 'The role of kube2iam or kiam may assume other roles',
    severity: 'high',
    happened:
      'The proxy assumes the roles of all pods by a role of its own. Whoever gets onto a node, or reaches the instance metadata of it, has that role, and with it all others. It is judged by the trust policies alone: podrole does not read the policies of that role.',
    remedy: 'Move the pods to podrole, then remove the proxy and the trust in its role.',
  },
} as const satisfies Readonly<Record<string, AuditExplanation>>;
