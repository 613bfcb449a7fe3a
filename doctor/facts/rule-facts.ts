import { z } from 'zod';
import { judgesRoles, POLICY_MODES } from '../../policy/settings.ts';
import type { FactsOf } from './reading.ts';

const rule = z.object({
  namespaces: z.array(z.string()),
  serviceAccounts: z.array(z.string()),
  roles: z.array(z.string()),
});

/** Settings of the webhook that decide which roles a pod may use, as the command line names them. */
export const roleRulesSchema = z.object({
  mode: z.enum(POLICY_MODES),
  allowedRolesFormat: z.enum(['glob', 'regexp']),
  /** Annotation of pods that names their role. */
  podRoleAnnotation: z.string().optional(),
  baseRoleArn: z.string().optional(),
  /** The policy file. */
  policy: z
    .object({
      origin: z.string(),
      unlisted: z.enum(['deny', 'annotated', 'allow']),
      rules: z.array(rule),
    })
    .optional(),
});

export type RoleRulesFacts = FactsOf<typeof roleRulesSchema>;

/** Returns true if a webhook with these options judges roles; else it looks at no rule of a Namespace. */
export function areRolesJudged(roleRules: RoleRulesFacts | undefined): boolean {
  if (!roleRules) return false;
  const { mode, podRoleAnnotation, policy } = roleRules;
  return judgesRoles({ podRoleAnnotation, rolePolicyFile: policy?.origin, policy: mode });
}

/** Rules of a Namespace: the annotations that decide which roles its pods may use. */
export const namespaceRulesSchema = z.object({
  name: z.string(),
  annotations: z.record(z.string(), z.string()),
});
