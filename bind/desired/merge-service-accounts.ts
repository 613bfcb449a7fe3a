import type { Fault } from '../../lib/errors.ts';
import type { DesiredBinding, DesiredServiceAccount } from './desired.ts';

/** Bindings of which each ServiceAccount is in one only. */
export interface MergedBindings {
  /** In their order. */
  readonly bindings: readonly DesiredBinding[];
  /** Two bindings of a ServiceAccount contradict each other. */
  readonly faults: readonly Fault[];
}

/**
 * Joins what several bindings want of one ServiceAccount: its own role, and roles of its containers. The last
 * of them gets it all, so that the ServiceAccount is written once, after all of its roles exist.
 */
export function mergeServiceAccounts(bindings: readonly DesiredBinding[]): MergedBindings {
  const merged = new Map<string, { readonly at: number; readonly account: DesiredServiceAccount }>();
  const faults: Fault[] = [];
  for (const [at, { id, serviceAccount }] of bindings.entries()) {
    if (!serviceAccount) continue;
    const key = accountId(serviceAccount);
    const before = merged.get(key);
    if (before) faults.push(...contradictions(id, before.account, serviceAccount));
    merged.set(key, { at, account: before ? joined(before.account, serviceAccount) : serviceAccount });
  }
  const accounts = new Map([...merged.values()].map(({ at, account }) => [at, account]));
  return {
    bindings: bindings.map((binding, at) => ({ ...binding, serviceAccount: accounts.get(at) })),
    faults,
  };
}

function joined(first: DesiredServiceAccount, second: DesiredServiceAccount): DesiredServiceAccount {
  return {
    ...first,
    annotations: { ...first.annotations, ...second.annotations },
    labels: { ...first.labels, ...second.labels },
    containerRoles: [...(first.containerRoles ?? []), ...(second.containerRoles ?? [])],
  };
}

function contradictions(
  id: string,
  first: DesiredServiceAccount,
  second: DesiredServiceAccount,
): readonly Fault[] {
  return (['annotations', 'labels'] as const).flatMap((list) =>
    Object.entries(second[list])
      .filter(([key, value]) => (first[list][key] ?? value) !== value)
      .map(
        ([key]): Fault => ({
          code: 'INVALID_BINDING',
          object: `binding ${id}`,
          problem: `has another value of ${key} in its ${list} than an earlier binding of ${accountId(first)}`,
          remedy: 'write it in one of the bindings of that ServiceAccount',
        }),
      ),
  );
}

function accountId({ namespace, name }: DesiredServiceAccount): string {
  return `${namespace}/${name}`;
}
