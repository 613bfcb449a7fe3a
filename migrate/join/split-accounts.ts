import { accountKey } from '../../doctor/audit/joins/pods-of.ts';
import { compareText } from '../../lib/text/compare.ts';
import { roleArnOf } from '../../policy/complete-role.ts';
import type { MigrationFacts } from '../facts/migration-facts.ts';
import type { ServiceAccountSplit } from '../model.ts';
import type { NamedRole } from './named-roles.ts';
import { nameForRole } from './split-names.ts';

/**
 * Returns the ServiceAccounts whose pods have several roles, or of which only some pods have one: a role of
 * the ServiceAccount would be that of all its pods. Sorted by namespace and name.
 */
export function splitAccounts(
  named: readonly NamedRole[],
  facts: MigrationFacts,
  baseRoleArn: string | undefined,
): readonly ServiceAccountSplit[] {
  const unnamed = accountsWithoutRole(facts, named);
  const taken = new Set(facts.serviceAccounts?.keys());
  const withRoles = Map.groupBy(
    named.filter(({ roleArn }) => roleArn !== undefined),
    ({ workload, source }) => accountKey(workload.namespace, source.serviceAccount),
  );
  // A name that a workload uses is not free either, even if the ServiceAccount does not exist yet.
  for (const key of [...withRoles.keys(), ...unnamed]) taken.add(key);
  return [...withRoles.entries()]
    .sort(([one], [other]) => compareText(one, other))
    .flatMap(([key, users]) => {
      const pods = podsByRole(users);
      const [first] = users;
      if (!first || (pods.size === 1 && !unnamed.has(key))) return [];
      const { namespace } = first.workload;
      const { serviceAccount } = first.source;
      const keeps = unnamed.has(key) ? undefined : roleOfMost(pods);
      const isFree = (name: string, roleArn: string) => {
        const of = accountKey(namespace, name);
        // A run in the middle of the move finds the ServiceAccount that the plan named before.
        const role = facts.serviceAccounts?.get(of)?.role;
        return !taken.has(of) || (role !== undefined && roleArnOf(role, baseRoleArn) === roleArn);
      };
      const others = [...pods.keys()]
        .filter((roleArn) => roleArn !== keeps)
        .sort()
        .map((roleArn) => {
          const name = nameForRole(serviceAccount, roleArn, (wanted) => isFree(wanted, roleArn));
          taken.add(accountKey(namespace, name));
          return { serviceAccount: name, roleArn };
        });
      return [{ namespace, serviceAccount, keeps, others, ...holdingsOf(key, facts) }];
    });
}

/** Returns the ServiceAccounts, by key, of workloads that name no role. */
function accountsWithoutRole(
  { workloads }: MigrationFacts,
  named: readonly NamedRole[],
): ReadonlySet<string> {
  const withRole = new Set(named.map(({ workload }) => workload));
  return new Set(
    workloads.flatMap((workload) => {
      const source = workload.template ?? workload.pods[0];
      return source && !withRole.has(workload) ? [accountKey(workload.namespace, source.serviceAccount)] : [];
    }),
  );
}

function podsByRole(users: readonly NamedRole[]): ReadonlyMap<string, number> {
  const pods = new Map<string, number>();
  for (const { roleArn = '', workload } of users)
    pods.set(roleArn, (pods.get(roleArn) ?? 0) + workload.pods.length);
  return pods;
}

function roleOfMost(pods: ReadonlyMap<string, number>): string | undefined {
  return [...pods].sort(([one, few], [other, many]) => many - few || compareText(one, other))[0]?.[0];
}

function holdingsOf(
  key: string,
  { serviceAccounts, bindings }: MigrationFacts,
): Pick<ServiceAccountSplit, 'imagePullSecrets' | 'automountServiceAccountToken' | 'bindings'> {
  const { imagePullSecrets = [], automountServiceAccountToken: automounts } = serviceAccounts?.get(key) ?? {};
  return {
    imagePullSecrets,
    ...(automounts === undefined ? {} : { automountServiceAccountToken: automounts }),
    bindings: bindings && (bindings.get(key) ?? []),
  };
}
