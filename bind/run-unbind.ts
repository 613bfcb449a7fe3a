import { parseRoleArn } from '../lib/arn.ts';
import { AWS_ANNOTATION, annotationKey } from '../lib/contract/aws-webhook.ts';
import { type Fault, PodroleError, throwIfAny } from '../lib/errors.ts';
import { asObject, asText } from '../lib/json/json.ts';
import { metadataOf } from '../lib/kubernetes-objects.ts';
import { carryOut } from './apply/carry-out.ts';
import { nameProblems } from './ask/name-problems.ts';
import { defaultRoleName, serviceAccountTag } from './desired/resolve-binding.ts';
import { readServiceAccount } from './facts/read-service-account.ts';
import { readRole } from './iam/read-role.ts';
import { type BindSurroundings, findAccountOf, findIssuer, withIamAndCluster } from './open-surroundings.ts';
import { EMPTY_PLAN, joinPlans, type Plan } from './plan/plan-step.ts';
import { planRoleRemoval, planServiceAccountRemoval } from './plan/plan-unbind.ts';
import { roleOwnership } from './plan/role-ownership.ts';
import type { UnbindSettings } from './settings.ts';
import { planGrantRemoval } from './trust/plan-grant-removal.ts';

/**
 * Runs `podrole unbind`: the ServiceAccount first, so that no new pod gets a role that is about to go.
 * @param operands the ServiceAccount
 * @returns whether the run did what its settings ask for
 * @throws PodroleError `ROLE_IN_USE` and what can't be read or written
 */
export async function runUnbind(
  settings: UnbindSettings,
  surroundings: BindSurroundings,
  [name = '']: readonly string[],
): Promise<boolean> {
  const { env, signal } = surroundings;
  const { namespace, annotationPrefix } = settings;
  refuseNames(namespace, name, settings.roleName);
  return withIamAndCluster(settings, env, async ({ iam, cluster }) => {
    const client = cluster();
    const issuer = await findIssuer(settings.issuer, cluster, signal);
    const account = await findAccountOf(settings, env, iam);
    const { object } = await readServiceAccount(client, namespace, name, signal);
    const roleKey = `${annotationPrefix}/${AWS_ANNOTATION.roleArn}`;
    const annotated = asText(asObject(metadataOf(object)?.['annotations'])?.[roleKey]);
    const arn = annotated === undefined ? undefined : parseRoleArn(annotated);
    if (settings.roleName !== undefined && arn && arn.name !== settings.roleName)
      throw otherRole(settings.roleName, arn.name);
    const roleName = settings.roleName ?? arn?.name ?? defaultRoleName(namespace, name, settings.clusterName);
    const plans: Plan[] = [];
    if (object) {
      const annotations = [roleKey, annotationKey(annotationPrefix, 'audience')];
      plans.push({
        ...EMPTY_PLAN,
        steps: planServiceAccountRemoval({ namespace, name, object, annotations }),
      });
    }
    if (arn && arn.account !== account.accountId) {
      plans.push({ ...EMPTY_PLAN, notes: [`${annotated} is in another account: it is left as it is`] });
    } else {
      const facts = await readRole(iam, roleName);
      if (facts) {
        const ownership = roleOwnership(facts, serviceAccountTag(namespace, name), [issuer], []);
        const trust = planGrantRemoval(facts, issuer, namespace, name, ownership.isOwn);
        plans.push(planRoleRemoval(facts, ownership, trust, settings.prune));
      }
    }
    const how = { ...settings, asJson: settings.output === 'json' };
    return await carryOut(joinPlans(plans), how, { iam, cluster: client }, surroundings);
  });
}

/** Before anything is read: a name leads to an address of the API server, and what is found there may be deleted. */
function refuseNames(namespace: string, serviceAccount: string, roleName: string | undefined): void {
  const object = `ServiceAccount ${namespace}/${serviceAccount}`;
  const faults = nameProblems({ namespace, serviceAccount, roleName }).map(
    (problem): Fault => ({
      code: 'INVALID_SETTING',
      object,
      ...problem,
    }),
  );
  throwIfAny(faults);
}

function otherRole(given: string, annotated: string): PodroleError {
  return new PodroleError({
    code: 'INVALID_SETTING',
    object: '--role-name',
    problem: `is ${given}, the ServiceAccount is annotated with ${annotated}`,
    remedy: 'leave --role-name out',
  });
}
