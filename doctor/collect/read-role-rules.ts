import { readRolePolicy } from '../../policy/document/read-role-policy.ts';
import type { PolicySettings } from '../../policy/settings.ts';
import type { RoleRulesFacts } from '../facts/rule-facts.ts';

/**
 * Returns the rules that the settings name.
 * @throws PodroleError if the policy file cannot be read, or has faults
 */
export async function readRoleRules({
  policy: mode,
  rolePolicyFile,
  podRoleAnnotation,
  baseRoleArn,
  namespaceRestrictionFormat,
}: PolicySettings): Promise<RoleRulesFacts> {
  const policy = await readRolePolicy(rolePolicyFile);
  return {
    mode,
    allowedRolesFormat: namespaceRestrictionFormat,
    ...(podRoleAnnotation !== undefined && { podRoleAnnotation }),
    ...(baseRoleArn !== undefined && { baseRoleArn }),
    ...(policy && { policy }),
  };
}
