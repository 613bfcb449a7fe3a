import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import type { RolePolicy } from '../role-policy.ts';
import { allOf, anyOf, celString, starCondition } from './cel.ts';

/** Variable of a ValidatingAdmissionPolicy. The API server computes it at most once for a request. */
export interface CelVariable {
  readonly name: string;
  readonly expression: string;
}

/** Expression that is true if the Namespace has the annotation `podrole.dev/allowed-roles`. */
export const HAS_ANNOTATION = `(has(namespaceObject.metadata.annotations) && ${celString(PODROLE_ANNOTATION.allowedRoles)} in namespaceObject.metadata.annotations)`;

/**
 * Returns one variable per rule of the policy file, which is true if the rule is for the namespace and the
 * ServiceAccount, and `listed`: a rule names the namespace.
 */
export function fileVariables(policy: RolePolicy): readonly CelVariable[] {
  const matches = (patterns: readonly string[], subject: string) =>
    anyOf(patterns.map((pattern) => starCondition(subject, pattern)));
  const rules = policy.rules.map(({ namespaces, serviceAccounts }, at) => [
    { name: `namespace${at}`, expression: matches(namespaces, 'request.namespace') },
    {
      name: `rule${at}`,
      expression: allOf([`variables.namespace${at}`, matches(serviceAccounts, 'variables.serviceAccount')]),
    },
  ]);
  const listed = anyOf(policy.rules.map((_, at) => `variables.namespace${at}`));
  return [...rules.flat(), { name: 'listed', expression: listed }];
}

/**
 * Returns a condition that is true if the policy file allows a role.
 * @param role expression of the role
 */
export function fileAllows(policy: RolePolicy, role: string): string {
  const unlisted = { deny: 'false', annotated: HAS_ANNOTATION, allow: 'true' }[policy.unlisted];
  const rules = policy.rules.map(({ roles }, at) =>
    allOf([`variables.rule${at}`, anyOf(roles.map((pattern) => starCondition(role, pattern)))]),
  );
  return `(variables.listed ? ${anyOf(rules)} : ${unlisted})`;
}
