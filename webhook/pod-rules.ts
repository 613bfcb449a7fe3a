import type { DecisionRules } from '../identity/decide-identity.ts';
import { type NamespaceNeed, needsNamespace } from '../identity/needs-namespace.ts';
import { PodroleError } from '../lib/errors.ts';
import type { NamespaceSource } from '../policy/namespace-facts.ts';
import type { RolePolicy } from '../policy/role-policy.ts';

/** Sources of the rules for roles. */
export interface RuleFacts {
  readonly settings: NamespaceNeed['settings'];
  readonly namespaces: NamespaceSource;
  /** The policy file as it is now; undefined without one. */
  readonly policy: () => RolePolicy | undefined;
}

/**
 * Returns the rules for the roles of a pod; undefined for a pod that has and names no role: nobody is asked
 * for its Namespace.
 * @throws PodroleError `LOOKUP_FAILED` if the Namespace is not known: that does not mean that it has no rule
 */
export async function rulesOf(
  { settings, namespaces, policy }: RuleFacts,
  pod: Omit<NamespaceNeed, 'settings'>,
): Promise<DecisionRules | undefined> {
  if (!needsNamespace({ ...pod, settings })) return undefined;
  const namespace = await namespaces.find(pod.namespace);
  if (!namespace) throw namespaceMissing(pod.namespace);
  return { namespace, policy: policy() };
}

function namespaceMissing(name: string): PodroleError {
  return new PodroleError({
    code: 'LOOKUP_FAILED',
    object: `Namespace ${name}`,
    problem: 'does not exist, so its rules are not known',
    remedy: 'create it before its pods; with --service-accounts, add it to that file',
  });
}
