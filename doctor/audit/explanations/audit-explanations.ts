import type { AuditExplanation } from './audit-explanation.ts';
import { policyExplanations } from './policy-explanations.ts';

export const auditExplanations = {
  OPEN_PRINCIPAL: {
    title: 'A role trusts every provider of the account',
    severity: 'high',
    happened:
      'An Allow statement of the trust policy has the principal `*`. Tokens of every OIDC provider of the account, such as those of a CI service, get in.',
    remedy: 'Name the OIDC provider as the federated principal of the statement.',
  },
  NO_SUBJECT: {
    title: 'A role lets in every ServiceAccount',
    severity: 'high',
    happened:
      'A statement has no condition on `sub`, or one that every subject meets. Whoever may create a pod in any namespace of the cluster has the role.',
    remedy: 'Bind the ServiceAccounts that need the role, then remove the statement.',
  },
  WILDCARD_SUBJECT: {
    title: 'A role lets in more ServiceAccounts than it names',
    severity: 'medium',
    happened:
      'A statement compares `sub` with a pattern. A new ServiceAccount whose name or namespace matches has the role at once.',
    remedy: 'Bind the ServiceAccounts that need the role, then remove the pattern.',
  },
  NO_AUDIENCE: {
    title: 'A role lets in tokens for any audience',
    severity: 'medium',
    happened:
      'A statement has no condition on `aud`. Tokens for every client ID of the provider get in, for example a token for the role of another container.',
    remedy: 'Add a condition on `aud`: `podrole bind` writes one.',
  },
  WILDCARD_AUDIENCE: {
    title: 'A role lets in tokens for a pattern of audiences',
    severity: 'medium',
    happened: 'A statement compares `aud` with a pattern, so a client ID that is added later gets in.',
    remedy: 'Name the audience exactly.',
  },
  LITERAL_WILDCARD: {
    title: 'A wildcard matches nothing',
    severity: 'low',
    happened:
      'A statement has `*` or `?` under an operator that takes them literally, such as StringEquals. It lets nobody in.',
    remedy: 'Name the ServiceAccounts one by one, or use StringLike if the pattern is meant.',
  },
  IMPOSSIBLE_SUBJECT: {
    title: 'A role trusts a subject that no ServiceAccount has',
    severity: 'low',
    happened: 'A statement names a subject of another form than those of ServiceAccounts. It lets nobody in.',
    remedy: 'Write `system:serviceaccount:NAMESPACE:NAME`.',
  },
  MISSPELT_KEY: {
    title: 'A condition is on a key that no token has',
    severity: 'low',
    happened:
      'A condition key contains `https://` or `arn:`, or is otherwise not the issuer and a claim. IAM accepts it, and no request has it: the statement lets nobody in, or the condition restricts nobody.',
    remedy: 'Write the key as the issuer without `https://`, a colon and the claim.',
  },
  UNREADABLE_STATEMENT: {
    title: 'podrole cannot read a statement',
    severity: 'note',
    happened:
      'A statement has elements that podrole does not know. The audit does not say who gets in by it.',
    remedy: 'Read the statement by hand.',
  },
  MISSING_PROVIDER: {
    title: 'A role trusts a provider that does not exist',
    severity: 'low',
    happened:
      'The trust policy names an OIDC provider that the account does not have. Nobody gets in by it, until somebody creates a provider for that issuer.',
    remedy: 'Create the provider, or remove the statement.',
  },
  DEAD_PROVIDER: {
    title: 'Nobody serves the issuer of a provider',
    severity: 'medium',
    happened:
      'No audited cluster has the issuer of the provider, and its discovery document cannot be fetched. Whoever gets the domain, or the bucket of that name, makes tokens that the roles trust.',
    remedy: 'Delete the provider if its cluster is gone.',
  },
  ROLE_WITHOUT_SERVICE_ACCOUNT: {
    title: 'A role trusts a ServiceAccount that does not exist',
    severity: 'low',
    happened:
      'The trust policy names a ServiceAccount that the cluster does not have. Whoever may create it in that namespace has the role.',
    remedy: 'Remove the subject from the trust policy, or delete the role.',
  },
  UNUSED_ROLE: {
    title: 'Nobody uses a role',
    severity: 'low',
    happened: 'IAM saw no use of the role for a long time, and a ServiceAccount could still get it.',
    remedy: 'Remove the role, if nothing needs it.',
  },
  SHARED_ROLE: {
    title: 'Several namespaces share a role',
    severity: 'low',
    happened:
      'ServiceAccounts of several namespaces or clusters have the role. Each of them may do what any of them needs, and CloudTrail tells them apart only by the session.',
    remedy: 'Give each of them a role of its own.',
  },
  ROLE_REFUSED: {
    title: 'A ServiceAccount names a role that refuses it',
    severity: 'medium',
    happened: 'An annotation or a pod names the role, and STS would refuse its token.',
    remedy: 'Let the role trust the ServiceAccount, or remove the annotation.',
  },
  ROLE_MISSING: {
    title: 'A ServiceAccount names a role that does not exist',
    severity: 'medium',
    happened:
      'An annotation names a role that the account does not have. Whoever creates a role of that name decides what the pods may do.',
    remedy: 'Create the role, or remove the annotation.',
  },
  ROLE_MALFORMED: {
    title: 'An annotation is not the ARN of a role',
    severity: 'medium',
    happened: 'An annotation should name a role and does not, so the pods get none.',
    remedy: 'Write the ARN of the role.',
  },
  NODE_ROLE_REACHABLE: {
    title: 'Pods reach the role of their node',
    severity: 'high',
    happened:
      "A pod got an answer from the instance metadata of its node. Every pod of the cluster can have the role of the node's instance profile, whatever its ServiceAccount is.",
    remedy:
      'Require IMDSv2 with a hop limit of 1, or block the address for pods. [node-metadata.md](node-metadata.md) has both.',
  },
  NODE_ROLE: {
    title: 'Pods may reach the role of their node',
    severity: 'medium',
    happened:
      "Nodes run in EC2, where instance metadata gives out the role of the node's instance profile. Nothing here says whether pods reach it.",
    remedy: 'Try it with `podrole audit --probe-metadata`, and block it for pods.',
  },
  NODE_ROLE_UNKNOWN: {
    title: 'The role of the nodes is not known',
    severity: 'note',
    happened:
      'Nodes run in EC2, and the cluster does not say which instance profile they have. The audit does not say what a pod could do with its role.',
    remedy: 'Name the role by `--node-role`.',
  },
  HOST_NETWORK_POD: {
    title: 'A pod uses the network of its node',
    severity: 'low',
    happened:
      'A pod with `hostNetwork` reaches the instance metadata of its node, also with a hop limit of 1, and so has the role of the node.',
    remedy: 'Remove `hostNetwork`, if the pod can do without it.',
  },
  KUBE2IAM_ROLE: {
    title: 'A pod gets its role from kube2iam or kiam',
    severity: 'medium',
    happened:
      'The pod gets its role by an annotation of the pod. Whoever may create a pod chooses any role that the agent may assume, unless a namespace limits it.',
    remedy: 'Bind the role to the ServiceAccount, then remove the annotation.',
  },
  CLUSTER_ADMINISTRATOR: {
    title: 'Somebody may do everything in the cluster or in a namespace',
    severity: 'note',
    happened: 'The binding allows everything. Its subjects can have every role of the ServiceAccounts there.',
    remedy: 'Make sure that they are meant to have these roles.',
  },
  CAN_REQUEST_TOKENS: {
    title: 'Somebody may make tokens of ServiceAccounts',
    severity: 'high',
    happened:
      'The binding allows `create` on `serviceaccounts/token`. A token of a ServiceAccount, with the audience of STS, is all that its role needs, from anywhere and without a pod.',
    remedy: 'Remove the right. Limit it by `resourceNames` where a program needs it.',
  },
  CAN_CREATE_PODS: {
    title: 'Somebody may create pods with any ServiceAccount',
    severity: 'high',
    happened:
      'The binding allows `create` on pods. The creator of a pod chooses its ServiceAccount among all of the namespace.',
    remedy:
      'Put ServiceAccounts with roles into a namespace where only those create pods who may have the roles.',
  },
  CAN_CHANGE_WORKLOADS: {
    title: 'Somebody may create or change workloads with any ServiceAccount',
    severity: 'high',
    happened:
      'The binding allows changes of Deployments or the like. The template of their pods names any ServiceAccount of the namespace. Changes of mutating webhook configurations are as good: a webhook may rewrite every pod.',
    remedy: 'Put ServiceAccounts with roles into a namespace where only those deploy who may have the roles.',
  },
  CAN_GRANT_RIGHTS: {
    title: 'Somebody may give themselves every right',
    severity: 'high',
    happened:
      'The binding allows `escalate` or `bind` on Roles or ClusterRoles, or approval of client certificates, which may name any user. Or it lets everybody do everything. Its subjects can give themselves every right, and so every role.',
    remedy: 'Remove these verbs, and bind an administrator by name.',
  },
  CAN_EXEC: {
    title: 'Somebody may run commands in pods',
    severity: 'medium',
    happened:
      'The binding allows `pods/exec`, `pods/attach`, changes of pods, which may replace an image, or `nodes/proxy`, which is exec into each pod of a node. What runs in a pod has the role of the pod.',
    remedy: 'Remove the right in namespaces whose pods have roles.',
  },
  CAN_ADD_EPHEMERAL_CONTAINERS: {
    title: 'Somebody may add containers to running pods',
    severity: 'medium',
    happened:
      'The binding allows changes of `pods/ephemeralcontainers`. Such a container may mount the token of the pod.',
    remedy: 'Remove the right in namespaces whose pods have roles.',
  },
  CAN_ANNOTATE: {
    title: 'Somebody may change the annotations of ServiceAccounts',
    severity: 'medium',
    happened:
      'The binding allows `update` or `patch` on ServiceAccounts. The next pods get any role that trusts the ServiceAccount, also one that no annotation names today.',
    remedy: 'Remove the right, and let roles trust single ServiceAccounts only.',
  },
  CAN_IMPERSONATE: {
    title: 'Somebody may act as ServiceAccounts or users',
    severity: 'medium',
    happened:
      'The binding allows `impersonate` on ServiceAccounts, users or groups. Its subjects have the rights of these in the cluster, among them those to make tokens and pods.',
    remedy: 'Remove the right, or limit it by `resourceNames`.',
  },
  STATIC_KEY: {
    title: 'An object holds a static AWS key and its secret',
    severity: 'high',
    happened:
      'An object of the cluster holds an access key of an IAM user, and what looks like its secret. It works for everybody who reads it, from anywhere, until somebody deletes it. In a pod it is used instead of the role.',
    remedy: 'Give the ServiceAccount a role, remove the key from the object, then delete the key in IAM.',
  },
  STATIC_KEY_ID: {
    title: 'An object holds the ID of a static AWS key',
    severity: 'low',
    happened:
      'An object of the cluster holds the ID of an access key of an IAM user. The secret was not seen in the same object; it may be in another one.',
    remedy: 'Find out who uses the key. Give them a role, then delete the key in IAM.',
  },
  ...policyExplanations,
} as const satisfies Readonly<Record<string, AuditExplanation>>;
