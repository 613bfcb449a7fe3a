import { parseRoleArn } from '../../lib/arn.ts';
import type { Fault } from '../../lib/errors.ts';
import { isClientId } from '../ask/client-id.ts';
import { containerEntryProblem } from './container-annotation.ts';
import type { DesiredBinding } from './desired.ts';

/** Returns the faults of a binding that show only when its names are complete. */
export function desiredFaults({
  id,
  roleArn,
  role,
  container,
  trustEntries,
  serviceAccount,
  target,
}: DesiredBinding): readonly Fault[] {
  const faults: Fault[] = [];
  const report = (problem: string, remedy: string) =>
    faults.push({ code: 'INVALID_BINDING', object: `binding ${id}`, problem, remedy });
  for (const { audience } of trustEntries.slice(0, container === undefined ? 0 : 1)) {
    if (!isClientId(audience))
      report(`would have the audience ${audience}, which IAM refuses`, 'give a shorter audience');
  }
  const entryProblem =
    container === undefined || !serviceAccount ? undefined : containerEntryProblem({ container, roleArn });
  if (entryProblem !== undefined)
    report(entryProblem, 'give a role whose name and path have no comma and no white space');
  if (target?.roleArn === roleArn)
    report(`has the target role ${roleArn}, which is its own role`, 'name another role, or leave it out');
  if (target && /[*?]/.test(roleArn))
    report(
      `has the role ${roleArn}, which a trust policy cannot name because of * or ?`,
      'give the target role a role without them',
    );
  if (!role) return faults;
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
