import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import { RULE_MAX_LENGTH, RULE_MAX_PATTERNS } from '../rule-limits.ts';
import { celString } from './cel.ts';
import { type CelVariable, HAS_ANNOTATION } from './file-rules.ts';

/**
 * Variables that read `podrole.dev/allowed-roles` of the Namespace: its patterns as regular expressions. An
 * annotation that is too long, or has too many patterns, has none, so that it allows no role.
 */
export const annotationVariables: readonly CelVariable[] = [
  { name: 'isAnnotated', expression: HAS_ANNOTATION },
  {
    name: 'annotation',
    expression: `variables.isAnnotated ? namespaceObject.metadata.annotations[${celString(PODROLE_ANNOTATION.allowedRoles)}] : ""`,
  },
  {
    name: 'words',
    expression: `size(variables.annotation) > ${RULE_MAX_LENGTH} ? [] : variables.annotation.replace("\\n", " ").replace("\\r", " ").replace("\\t", " ").split(" ").filter(word, word != "")`,
  },
  {
    name: 'patterns',
    // Everything but a * is quoted, so that no character of a pattern is special.
    expression: `size(variables.words) > ${RULE_MAX_PATTERNS} ? [] : variables.words.map(word, "(?s)^\\\\Q" + word.replace("\\\\", "\\\\E\\\\\\\\\\\\Q").replace("*", "\\\\E.*\\\\Q") + "\\\\E$")`,
  },
];

/**
 * Returns a condition that is true if the annotation is absent, or allows a role.
 * @param role expression of the role
 */
export function annotationAllows(role: string): string {
  return `(!variables.isAnnotated || variables.patterns.exists(pattern, ${role}.matches(pattern)))`;
}
