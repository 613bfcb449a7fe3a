import type { AuditPod } from '../facts/audit-facts.ts';

/** Most names of pods that a grant has. */
const MAX_POD_NAMES = 20;

/** Groups pods by their ServiceAccount: `namespace/name`. */
export function podsByServiceAccount(pods: readonly AuditPod[]): ReadonlyMap<string, readonly AuditPod[]> {
  return Map.groupBy(pods, ({ namespace, serviceAccount }) => accountKey(namespace, serviceAccount));
}

export function accountKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/** Returns the first names of pods, without reading the others. */
export function someNames(pods: Iterable<Pick<AuditPod, 'name'>>): readonly string[] {
  const names: string[] = [];
  for (const { name } of pods) if (names.push(name) >= MAX_POD_NAMES) break;
  return names;
}
