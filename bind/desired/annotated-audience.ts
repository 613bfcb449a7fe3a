import { containerAudience } from '../../identity/roles.ts';
import type { DesiredBinding } from './desired.ts';

/**
 * Returns a binding for tokens of the audience that its ServiceAccount is annotated with: the annotation wins
 * over the audience of the command, as it does when a pod is admitted.
 */
export function withAnnotatedAudience(binding: DesiredBinding, annotated: string): DesiredBinding {
  const trustEntries = binding.trustEntries.map((entry) => ({
    ...entry,
    audience: entry.container === undefined ? annotated : containerAudience(annotated, entry.container),
  }));
  return { ...binding, trustEntries };
}
