import { completeRoleArn, type RoleSettings } from '../../identity/roles.ts';
import { hasSessionTags } from '../../identity/target-role.ts';
import { parseRoleArn, type RoleArn } from '../../lib/arn.ts';
import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import type { RoleSummary } from '../iam/iam-facts.ts';
import { judgeTargetTrust } from '../trust/target/judge-target-trust.ts';
import type { BindingRow, TargetCell } from './binding-row.ts';

export interface TargetQuestion {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** The pod's own role. */
  readonly roleArn: string;
}

/** Roles that these credentials see. */
interface SeenRoles {
  readonly byArn: ReadonlyMap<string, RoleSummary>;
  /** Any of them. */
  readonly example: RoleArn | undefined;
}

/** Returns the target role of a ServiceAccount's annotations, and whether it trusts the role of its pods. */
export function targetCell(
  { namespace, serviceAccount, annotations, roleArn }: TargetQuestion,
  known: SeenRoles,
  context: RoleSettings & { readonly clusterName?: string | undefined },
): Pick<BindingRow, 'target'> {
  const given = annotations[PODROLE_ANNOTATION.targetRoleArn];
  if (!given) return {};
  const isTagged = hasSessionTags(annotations);
  const target = completeRoleArn(given, context);
  const cell = (state: TargetCell['state'], details: readonly string[] = []) => ({
    target: { roleArn: target, hasSessionTags: isTagged, state, details },
  });
  const arn = parseRoleArn(target);
  if (!arn) return cell('not an ARN', ['the pods get no role until the annotation is corrected']);
  const role = known.byArn.get(target);
  if (!role) {
    const isElsewhere = known.example !== undefined && known.example.account !== arn.account;
    return isElsewhere ? cell('other account') : cell('no role', ['IAM has no such role']);
  }
  const { clusterName } = context;
  const request = {
    roleArn,
    namespace,
    serviceAccount,
    hasSessionTags: isTagged,
    clusterName,
    region: undefined,
  };
  const { trust, details } = judgeTargetTrust(role.trustPolicy, request);
  return cell(trust, details);
}
