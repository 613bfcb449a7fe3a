import { IAM_ROLE } from '../../lib/contract/iam.ts';
import type { Fault } from '../../lib/errors.ts';
import {
  isNamespaceName,
  isObjectName,
  NAMESPACE_RULE,
  OBJECT_NAME_RULE,
} from '../../lib/kubernetes-names.ts';
import type { Binding } from './binding.ts';

/** [iam] "IAM identifiers" */
const ROLE_NAME = /^[\w+=,.@-]+$/;

/** Parts of a Fault about a name. */
export interface NameProblem {
  readonly problem: string;
  readonly remedy: string;
}

/** Returns the faults of the names of a ServiceAccount and its role, for every command that takes them. */
export function nameProblems({
  namespace,
  serviceAccount,
  container,
  roleName,
}: Pick<Binding, 'namespace' | 'serviceAccount' | 'container' | 'roleName'>): readonly NameProblem[] {
  const problems: NameProblem[] = [];
  const report = (name: string, kind: string, rule: string) =>
    problems.push({ problem: `has ${JSON.stringify(name)} for ${kind}`, remedy: `give ${rule}` });
  if (!isNamespaceName(namespace)) report(namespace, 'a namespace', NAMESPACE_RULE);
  if (!isObjectName(serviceAccount)) report(serviceAccount, 'a ServiceAccount', OBJECT_NAME_RULE);
  // A container's name is a DNS label, as that of a namespace is.
  if (container !== undefined && !isNamespaceName(container))
    report(container, 'a container', NAMESPACE_RULE);
  if (roleName !== undefined && (!ROLE_NAME.test(roleName) || roleName.length > IAM_ROLE.maxNameLength)) {
    const rule = `1 to ${IAM_ROLE.maxNameLength} letters, digits and _+=,.@-, without the path`;
    report(roleName, 'a role name', rule);
  }
  return problems;
}

/** Returns the faults of `--cluster-name`, which becomes the beginning of role names. */
export function clusterNameFaults(clusterName: string | undefined): readonly Fault[] {
  if (clusterName === undefined || ROLE_NAME.test(clusterName)) return [];
  return [
    {
      code: 'INVALID_SETTING',
      object: '--cluster-name',
      problem: `is ${JSON.stringify(clusterName)}, which cannot be a part of a role name`,
      remedy: 'give letters, digits and _+=,.@-',
    },
  ];
}
