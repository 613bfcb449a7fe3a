import { compareText } from '../../lib/text/compare.ts';
import { counted } from '../../lib/text/counted.ts';
import type { ProxyLog } from './facts.ts';
import type { CheckedRole, CheckedWorkload } from './model.ts';

/**
 * Judges for each role that a pod or a request names whether the proxy must still be able to assume it. A
 * role is written as its name, as its name with a path, or as its ARN: one with the same last part is taken
 * for the same, so that none is given up by mistake.
 */
export function judgeRoles(
  workloads: readonly CheckedWorkload[],
  logs: readonly ProxyLog[],
  hasAll: boolean,
): readonly CheckedRole[] {
  const roles = new Map<string, RoleUses>();
  const usesOf = (role: string): RoleUses => {
    const name = role.slice(role.lastIndexOf('/') + 1);
    const known = roles.get(name) ?? { role, open: 0, unknown: 0, isAskedByStrangers: false };
    roles.set(name, known);
    return known;
  };
  for (const { roles: named, state } of workloads)
    for (const uses of named.map(usesOf)) {
      if (state === 'unknown') uses.unknown += 1;
      else if (state !== 'moved') uses.open += 1;
    }
  const strangers = new Set(logs.flatMap(({ unknown }) => unknown?.roles ?? []));
  for (const role of strangers) if (role !== '') usesOf(role).isAskedByStrangers = true;
  const isComplete = hasAll && !strangers.has('') && !logs.some(isNodeServed);
  return [...roles.values()]
    .map((uses) => ({ role: uses.role, ...needOf(uses, isComplete) }))
    .sort((a, b) => compareText(a.role, b.role));
}

interface RoleUses {
  readonly role: string;
  open: number;
  unknown: number;
  isAskedByStrangers: boolean;
}

function isNodeServed({ nodeAsked }: ProxyLog): boolean {
  return nodeAsked?.credentialsMs !== undefined;
}

function needOf(
  { open, unknown, isAskedByStrangers }: RoleUses,
  isComplete: boolean,
): Omit<CheckedRole, 'role'> {
  if (open > 0) return { isNeeded: 'yes', why: `${counted(open, 'workload')} must move first` };
  if (isAskedByStrangers) return { isNeeded: 'yes', why: 'an address asked for it whose pod is not known' };
  if (unknown > 0 || !isComplete) return { isNeeded: 'unknown', why: 'not every request was seen' };
  return { isNeeded: 'no', why: 'its workloads have moved, and nobody asks for it' };
}
