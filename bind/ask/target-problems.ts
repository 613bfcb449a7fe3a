import { hasTrustPolicy, parseRoleArn } from '../../lib/arn.ts';
import { inlinePolicyName, TARGET_POLICY_NAME } from '../names.ts';
import type { Binding } from './binding.ts';
import type { NameProblem } from './name-problems.ts';

/** Roles of AWS's own: nobody can change their trust policies. [iam] "IAM roles", UnmodifiableEntity */
const OF_AWS = /^\/aws-(?:service-role|reserved)\//;

/** Returns the faults of the target role of a binding. */
export function targetProblems({
  container,
  targetRoleArn,
  sessionTags,
  inlinePolicies = [],
}: Binding): readonly NameProblem[] {
  const problems: NameProblem[] = [];
  const report = (problem: string, remedy: string) => problems.push({ problem, remedy });
  if (inlinePolicies.some(({ name }) => inlinePolicyName(name) === TARGET_POLICY_NAME))
    report(`has an inline policy with the name ${TARGET_POLICY_NAME}, which is podrole's own`, 'rename it');
  if (targetRoleArn === undefined) {
    if (sessionTags !== undefined)
      report('has session tags, which only a target role gets', 'name the target role, or leave them out');
    return problems;
  }
  const written = JSON.stringify(targetRoleArn);
  if (container !== undefined)
    report(
      'has a target role, which is for the role of the whole pod',
      'give it in the binding of the ServiceAccount itself',
    );
  const role = parseRoleArn(targetRoleArn);
  if (!role)
    report(`has ${written} for a target role`, 'give an ARN such as arn:aws:iam::444455556666:role/reports');
  else if (!hasTrustPolicy(role))
    report(`has the target role ${targetRoleArn}, and MinIO has no trust policies`, 'leave it out');
  else if (/[*?]/.test(targetRoleArn))
    report(`has the target role ${targetRoleArn}, a wildcard in a policy`, 'name one role, without * and ?');
  else if (OF_AWS.test(role.path))
    report(
      `has the target role ${targetRoleArn}, which belongs to AWS: its trust policy cannot be changed`,
      'give a role of your own',
    );
  return problems;
}
