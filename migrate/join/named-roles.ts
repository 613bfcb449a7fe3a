import { roleArnOf } from '../../policy/complete-role.ts';
import { judgeRole, type RoleRules } from '../../policy/judge-role.ts';
import type { NamespaceFacts } from '../../policy/namespace-facts.ts';
import type { Refusal } from '../../policy/role-use.ts';
import type { MigrationFacts } from '../facts/migration-facts.ts';
import type { PodTemplateFacts, WorkloadFacts } from '../facts/workload-facts.ts';
import type { WebhookFlags } from '../model.ts';

/** A workload whose pods name a role, with the verdict of the rules. */
export interface NamedRole {
  readonly workload: WorkloadFacts;
  /** Its template, or the first of its pods that names the role. */
  readonly source: PodTemplateFacts;
  readonly annotatedIn: 'template' | 'pods';
  readonly given: string;
  readonly roleArn: string | undefined;
  readonly refusal: Refusal | undefined;
}

/** Returns the workloads that name a role, in their order. */
export function namedRoles(facts: MigrationFacts, flags: WebhookFlags): readonly NamedRole[] {
  return facts.workloads.flatMap((workload) => {
    const { template, pods } = workload;
    const inTemplate = template?.role !== undefined;
    const source = inTemplate ? template : pods.find(({ role }) => role !== undefined);
    const given = source?.role;
    if (!source || given === undefined) return [];
    const roleArn = roleArnOf(given, flags.baseRoleArn);
    const annotatedIn = inTemplate ? 'template' : 'pods';
    const named = { workload, source, annotatedIn, given, roleArn } as const;
    return [{ ...named, refusal: refusalOf(named, facts, flags) }];
  });
}

type Asked = Pick<NamedRole, 'workload' | 'source' | 'given' | 'roleArn'>;

function refusalOf(asked: Asked, facts: MigrationFacts, flags: WebhookFlags): Refusal | undefined {
  // Without the Namespace nothing is known, which `unread` says.
  const namespace = facts.namespaces?.get(asked.workload.namespace);
  return namespace && judgeNamed(asked, namespace, facts, flags);
}

/** Judges a role by the rules of a Namespace, which need not be as it is now. */
export function judgeNamed(
  { workload, source, given, roleArn }: Asked,
  namespace: NamespaceFacts,
  { settings }: Pick<MigrationFacts, 'settings'>,
  { namespaceRestrictionFormat, baseRoleArn }: WebhookFlags,
): Refusal | undefined {
  if (roleArn === undefined) return undefined;
  const rules: RoleRules = {
    namespace,
    policy: settings.policy,
    allowedRolesFormat: namespaceRestrictionFormat,
    baseRoleArn,
  };
  const { serviceAccount } = source;
  return judgeRole({ namespace: workload.namespace, serviceAccount, given, roleArn, namedBy: 'pod' }, rules);
}
