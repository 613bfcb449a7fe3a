import { type Fault, PodroleError, throwIfAny } from '../../lib/errors.ts';
import { isNamespaceName, isObjectName } from '../../lib/kubernetes-names.ts';
import { quotedOperand } from '../../lib/operands/quoted-operand.ts';
import { completeRole } from '../complete-role.ts';
import type { FoundUse } from './policy-report.ts';

/**
 * Returns the uses that operands name: `shop/web=ROLE`.
 * @throws PodroleError `INVALID_SETTING` with a fault for each operand that is something else
 */
export function askedUses(operands: readonly string[], baseRoleArn: string | undefined): readonly FoundUse[] {
  const faults: Fault[] = [];
  const uses = operands.flatMap((operand): readonly FoundUse[] => {
    const [, namespace = '', serviceAccount = '', given = ''] =
      /^([^/=]*)\/([^=]*)=(.+)$/s.exec(operand) ?? [];
    if (isNamespaceName(namespace) && isObjectName(serviceAccount)) {
      const roleArn = completeRole(given, baseRoleArn) ?? given;
      const object = `ServiceAccount ${namespace}/${serviceAccount}`;
      return [{ namespace, serviceAccount, given, roleArn, namedBy: 'service-account', object }];
    }
    faults.push({
      code: 'INVALID_SETTING',
      object: quotedOperand(operand),
      problem: 'is not NAMESPACE/SERVICEACCOUNT=ROLE',
      remedy: 'write it like shop/web=arn:aws:iam::111122223333:role/shop-web',
    });
    return [];
  });
  throwIfAny(faults);
  return uses;
}

/** @throws PodroleError `MISSING_SETTING` if something is asked that only a policy file answers */
export function requirePolicyFile(rolePolicyFile: string | undefined): void {
  if (rolePolicyFile !== undefined) return;
  throw new PodroleError({
    code: 'MISSING_SETTING',
    object: '--role-policy-file',
    problem: 'is needed to judge NAMESPACE/SERVICEACCOUNT=ROLE',
    remedy: 'give the policy file; leave the operands out to ask the cluster',
  });
}
