import type { RbacRule } from '../facts/rbac-facts.ts';
import { POWERS, type Power, RIGHTS, type Right } from './rights.ts';

/** A power over all ServiceAccounts of a namespace, or over those that the rule names. */
export interface HeldPower {
  readonly power: Power;
  /** Names of ServiceAccounts, of pods for POWERS_OVER_PODS, of roles for `grant rights`; undefined: all. */
  readonly names: readonly string[] | undefined;
}

/**
 * Returns the powers that the rules of a role give, each once, in the order of POWERS.
 * @param isClusterWide true for a ClusterRoleBinding
 */
export function powersOf(rules: readonly RbacRule[], isClusterWide = true): readonly HeldPower[] {
  if (rules.some(allowsEverything)) return [{ power: 'administer', names: undefined }];
  const held = new Map<Power, string[] | 'all'>();
  for (const rule of rules) {
    for (const right of RIGHTS) {
      if ((right.isClusterWide && !isClusterWide) || !allows(rule, right)) continue;
      const names = namesOf(rule, right);
      if (names?.length === 0) continue;
      const before = held.get(right.power) ?? [];
      if (before === 'all' || names === undefined) held.set(right.power, 'all');
      else {
        for (const name of names) before.push(name);
        held.set(right.power, before);
      }
    }
  }
  return POWERS.flatMap((power) => {
    const names = held.get(power);
    return names ? [{ power, names: names === 'all' ? undefined : names }] : [];
  });
}

function allowsEverything({ apiGroups, resources, verbs, resourceNames }: RbacRule): boolean {
  return [apiGroups, resources, verbs].every((list) => list.includes('*')) && resourceNames.length === 0;
}

function allows(rule: RbacRule, { groups, resources, verbs }: Right): boolean {
  return (
    (rule.apiGroups.includes('*') || groups.some((group) => rule.apiGroups.includes(group))) &&
    (rule.verbs.includes('*') || verbs.some((verb) => rule.verbs.includes(verb))) &&
    resources.some((resource) => rule.resources.some((given) => covers(given, resource)))
  );
}

/**
 * `*` stands for every resource, and `*` with a subresource for that of every resource. [k8s] RBAC,
 * "Referring to resources"
 */
function covers(given: string, resource: string): boolean {
  if (given === '*' || given === resource) return true;
  const [, subresource] = resource.split('/');
  return subresource !== undefined && given === `*/${subresource}`;
}

/** Returns the names to which a rule is limited; undefined: every object; empty: none. */
function namesOf({ resourceNames }: RbacRule, { byName }: Right): readonly string[] | undefined {
  if (resourceNames.length === 0 || byName === 'is ignored') return undefined;
  if (byName === 'limits') return resourceNames;
  return byName !== 'excludes' && resourceNames.some((name) => byName.test(name)) ? undefined : [];
}
