import { parseRoleArn } from '../../lib/arn.ts';
import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import { asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import type { TargetRoleFacts } from '../iam/read-target-role.ts';
import { EMPTY_PLAN, joinPlans, type Plan } from '../plan/plan-step.ts';
import { trustStep } from '../plan/target/plan-target-role.ts';
import { subjectOf } from '../trust/describe-subject.ts';
import { withoutTargetTrust } from '../trust/target/merge-target-trust.ts';
import { targetSid } from '../trust/target/target-statement.ts';
import { statementsOf } from '../trust/trust-policy-parts.ts';
import type { UnbindTarget } from './targets.ts';

/** Target roles as they are, by ARN. */
export type TargetRoles = ReadonlyMap<string, TargetRoleFacts | 'elsewhere' | undefined>;

/** Returns the target role of what is unbound: by the annotation, else by the bindings file. */
export function targetRoleOf(target: UnbindTarget, object: JsonObject | undefined): string | undefined {
  if (target.container !== undefined) return undefined;
  const annotations = target.roleOnly ? undefined : asObject(metadataOf(object)?.['annotations']);
  const annotated = asText(annotations?.[PODROLE_ANNOTATION.targetRoleArn]);
  const arn = annotated || target.targetRoleArn;
  return arn !== undefined && parseRoleArn(arn) ? arn : undefined;
}

/** Takes podrole's statements for ServiceAccounts out of the trust policies of their target roles. */
export function planTargetRemovals(
  asked: readonly { readonly target: UnbindTarget; readonly object: JsonObject | undefined }[],
  roles: TargetRoles,
  issuer: string,
): Plan {
  const left = new Map(roles);
  return joinPlans(
    asked.map(({ target, object }) => {
      const arn = targetRoleOf(target, object);
      if (arn === undefined) return EMPTY_PLAN;
      const owner = { issuer, subject: subjectOf(target.namespace, target.serviceAccount) };
      const found = left.get(arn);
      if (found === 'elsewhere') return { ...EMPTY_PLAN, notDone: [leftElsewhere(arn, owner)] };
      if (!found) return EMPTY_PLAN;
      if (found.arn !== arn)
        return leftAlone(found.arn, `has the name of the target role, but is not ${arn}`);
      const before = asObject(found.trustPolicy);
      const after = before && withoutTargetTrust(before, owner);
      if (!after || after === before) return EMPTY_PLAN;
      if (statementsOf(after).length === 0)
        return leftAlone(`target role ${arn}`, 'trusts nobody else, and IAM refuses an empty trust policy');
      left.set(arn, { ...found, trustPolicy: after });
      return { ...EMPTY_PLAN, steps: [trustStep(found, after, 'characters')] };
    }),
  );
}

function leftElsewhere(arn: string, owner: { readonly issuer: string; readonly subject: string }): string {
  const account = parseRoleArn(arn)?.account;
  return `target role ${arn} is in account ${account}: its owner should remove the statement ${targetSid(owner)} from its trust policy, or give --target-profile with credentials of that account`;
}

function leftAlone(object: string, reason: string): Plan {
  return { ...EMPTY_PLAN, notes: [`${object} ${reason}: it is left unchanged`] };
}
