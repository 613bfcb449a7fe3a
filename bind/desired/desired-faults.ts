import { parseRoleArn } from '../../lib/arn.ts';
import type { Fault } from '../../lib/errors.ts';
import type { DesiredBinding } from './desired.ts';

/** Returns the faults of a binding that show only when its names are complete. */
export function desiredFaults({ id, roleArn, role }: DesiredBinding): readonly Fault[] {
  if (!role) return [];
  const faults: Fault[] = [];
  const report = (problem: string, remedy: string) =>
    faults.push({ code: 'INVALID_BINDING', object: `binding ${id}`, problem, remedy });
  if (!parseRoleArn(roleArn)) {
    report(
      `would have the role ${roleArn}, whose name or path IAM refuses`,
      'give --role-name, or another path or cluster name',
    );
  }
  for (const [name, same] of Map.groupBy(role.inlinePolicies, (policy) => policy.name)) {
    if (same.length > 1) report(`has ${same.length} inline policies with the name ${name}`, 'rename them');
  }
  return faults;
}
