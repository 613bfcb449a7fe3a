import { podRoleArn } from '../../identity/pod-role/read-pod-role.ts';
import { annotationKey } from '../../lib/contract/aws-webhook.ts';
import type { RoleSummary } from '../iam/iam-facts.ts';
import type { BindingRow } from './binding-row.ts';
import { judgeBinding, knownRoles, type ListContext, type ListedServiceAccount } from './join-bindings.ts';
import type { PodRole } from './pod-roles.ts';

export interface PodContext extends ListContext {
  /** Key of the annotation by which pods name a role. */
  readonly podRoleAnnotation: string;
  readonly baseRoleArn: string | undefined;
}

/** Returns a row for each role that the pods of a ServiceAccount name, with the trust of that role. */
export function joinPodRoles(
  podRoles: readonly PodRole[],
  serviceAccounts: readonly ListedServiceAccount[],
  roles: readonly RoleSummary[],
  context: PodContext,
): readonly BindingRow[] {
  const known = knownRoles(roles);
  const accounts = new Map(
    serviceAccounts.map((account) => [`${account.namespace}/${account.name}`, account]),
  );
  return podRoles.map((named): BindingRow => {
    const { namespace, serviceAccount: name, given } = named;
    const own = accounts.get(`${namespace}/${name}`)?.annotations ?? {};
    const audience = own[annotationKey(context.annotationPrefix, 'audience')] || context.audience;
    const roleArn = podRoleArn(given, context);
    const judged =
      roleArn === undefined
        ? ({ state: 'no role', details: [unclear(context)] } as const)
        : judgeBinding({ namespace, name }, { roleArn, audience }, known, context);
    const { state, details } = judged;
    return {
      state,
      namespace,
      serviceAccount: name,
      namedBy: 'pod',
      pods: named.pods,
      roleArn: roleArn ?? given,
      details: [describePods(named, context), ...details],
    };
  });
}

function unclear({ podRoleAnnotation, baseRoleArn, composeRoleArn }: PodContext): string {
  const hint = baseRoleArn === undefined && !composeRoleArn ? '; --base-role-arn completes a name' : '';
  return `the annotation ${podRoleAnnotation} is not a role${hint}`;
}

const MOST_SHOWN = 3;

/** `named by the pods web-1, web-2, web-3 and 4 more` */
function describePods({ pods, podCount }: PodRole, { podRoleAnnotation }: PodContext): string {
  const shown = pods.slice(0, MOST_SHOWN).join(', ');
  const more = podCount > MOST_SHOWN ? ` and ${podCount - MOST_SHOWN} more` : '';
  return `named by ${podCount === 1 ? 'the pod' : 'the pods'} ${shown}${more}, annotation ${podRoleAnnotation}`;
}
