import type { ErrorCatalogue } from './catalogue.ts';

/** Refusals of `bind`, `unbind` and `provider`. */
export const bindErrors = {
  CANNOT_ADOPT: {
    happened:
      'The role that `--adopt` should keep is in another account, in MinIO, does not exist, or is not given by its ARN.',
    remedy:
      'Give `--attach-role-arn` to use a role elsewhere, or `--override-existing-serviceaccounts` for a new one.',
  },
  DUPLICATE_ROLE: {
    happened: 'Two bindings of one run would get the same role, which podrole makes for one of them.',
    remedy: 'Give one a role name of its own. To share a role, bind the second by its ARN in a later run.',
  },
  INVALID_BINDING: {
    happened: 'A binding has a name, path, tag, policy, audience or duration that IAM or Kubernetes refuses.',
    remedy: 'Correct the value that the message names.',
  },
  INVALID_BINDINGS_FILE: {
    happened:
      'A bindings file is not YAML, has an unknown field or a wrong value, or binds an account twice.',
    remedy: 'Correct the line that the message names. See [Bindings file](bindings-file.md).',
  },
  INVALID_POLICY_FILE: {
    happened: 'The file of `--policy-file` is not JSON, or is nested too deeply.',
    remedy: 'Give an IAM policy in JSON.',
  },
  ISSUER_UNREACHABLE: {
    happened: 'The certificates of the issuer, of which IAM takes a thumbprint, could not be read.',
    remedy: 'Publish the issuer first, or give `--thumbprint`.',
  },
  MALFORMED_CONTAINER_ROLES: {
    happened:
      'The annotation `podrole.dev/container-roles` of the ServiceAccount is malformed or would be too long, so no entry of it can be added or removed.',
    remedy:
      'Correct the annotation: [A role per container](annotations.md#a-role-per-container). Then run again.',
  },
  NO_PROVIDER: {
    happened:
      'IAM has no OIDC provider for this issuer. One that differs only in case or slashes does not count.',
    remedy: 'Run `podrole provider ensure --approve`.',
  },
  PARTLY_APPLIED: {
    happened: 'A change failed after others were made. The message lists what is done and what is not.',
    remedy: 'Fix the cause that stands before it, and run the same command again: it does the rest.',
  },
  OTHER_ROLE: {
    happened:
      'IAM has a role of the name that was given, but under another path, in another account or in another partition.',
    remedy: 'Give the ARN that the message names if you mean that role, else correct the ARN.',
  },
  SERVICE_ACCOUNT_MISSING: {
    happened:
      '`podrole list` or `podrole test` was asked for a ServiceAccount that does not exist and that no role is for.',
    remedy: 'Correct the name or the namespace, or run `podrole bind`. `podrole list --all` shows every one.',
  },
  POLICY_NOT_FOUND: {
    happened: 'A managed policy or a permissions boundary that a role should get does not exist.',
    remedy: 'Correct its ARN, or create the policy first.',
  },
  PROVIDER_IN_USE: {
    happened: 'Roles trust the OIDC provider that is to be deleted.',
    remedy:
      'Unbind their ServiceAccounts first. With `--force` it is deleted, and their pods can no longer get credentials.',
  },
  RESTART_FAILED: {
    happened: 'The binding is made, but a workload could not be restarted.',
    remedy: 'Restart it with `kubectl rollout restart`.',
  },
  ROLE_IN_USE: {
    happened: 'The role that is to be deleted has policies that podrole did not put there.',
    remedy: 'Remove them, or give `--prune` to delete the role with them.',
  },
  ROLE_NAME_TAKEN: {
    happened:
      'A role of this name exists, and it was made by hand, for another ServiceAccount, for another cluster, or under another path.',
    remedy:
      'Give `--role-name` or `--adopt` to use that role, or another name. The message names the choices.',
  },
  ROLE_NOT_FOUND: {
    happened: 'The role to bind, given by its ARN, does not exist.',
    remedy: 'Give the ARN of a role that exists, or `--role-name` to have one made.',
  },
  SERVICE_ACCOUNT_HAS_ROLE: {
    happened: 'The ServiceAccount is annotated with another role.',
    remedy:
      'Give `--override-existing-serviceaccounts` to replace it, `--adopt` to keep it as a role of podrole, or `--attach-role-arn` to keep it as it is.',
  },
  STOPPED: {
    happened: 'The run was interrupted, so what the message names was not done, and nothing after it.',
    remedy: 'Run again.',
  },
  TRUST_POLICY_TOO_LONG: {
    happened: 'The trust policy of the role would have more characters than IAM accepts.',
    remedy:
      'Give the ServiceAccount a role of its own or remove statements. If AWS has raised the quota of the account, give `--trust-policy-limit`.',
  },
  UNKNOWN_ACCOUNT: {
    happened:
      'podrole needs the account, which is part of ARNs. sts:GetCallerIdentity did not give it, and IAM lists neither an OIDC provider nor a role that would show it.',
    remedy: 'Give `--account-id`: twelve digits, the tenant in Ceph, or `none` for its default tenant.',
  },
  UNKNOWN_POLICY: {
    happened: 'podrole does not know this name of a well-known policy.',
    remedy: 'Give one of the names that the message lists.',
  },
  UNREADABLE_TRUST_POLICY: {
    happened:
      'The trust policy of the role is not a JSON object. podrole does not replace what it cannot read.',
    remedy: 'Give the role a trust policy in JSON.',
  },
  WRONG_CLUSTER: {
    happened:
      'An eksctl file is of another cluster than the current context of the kubeconfig, or than `--cluster-name`.',
    remedy: 'Give the right `--context`. To bind in this cluster all the same, give `--any-cluster`.',
  },
} as const satisfies ErrorCatalogue;
