import { issuerHostPath } from '../../lib/issuer.ts';
import { globMatches } from '../../lib/text/glob.ts';
import { describeCondition } from '../../sts/trust-policy.ts';
import { readStatement } from './covers-entry.ts';
import { judgeStatement } from './judge-entry.ts';
import type { TrustEntry } from './trust-entry.ts';

/**
 * Returns the conditions under which alone a statement lets in tokens of an entry, such as a source address;
 * undefined if it lets in none of them, or without such a condition. A second statement for the entry would
 * bypass these conditions. A limit in time is one too, whatever the time is.
 */
export function narrowedFor(raw: unknown, entry: TrustEntry): readonly string[] | undefined {
  for (const subject of subjectsOf(raw, entry)) {
    const { effect, outcome, conditions, reason } = judgeStatement(raw, 0, { ...entry, subject });
    if (effect === 'Deny' || outcome !== 'restricted') continue;
    const unknown = conditions.filter((condition) => condition.outcome === 'restricted');
    return unknown.length > 0 ? unknown.map(describeCondition) : [reason];
  }
  return undefined;
}

/** A pattern also lets in each subject that matches it. A policy is short, so they are few. */
function subjectsOf(raw: unknown, { issuer, subject, isPattern }: TrustEntry): readonly string[] {
  if (!isPattern) return [subject];
  const key = `${issuerHostPath(issuer)}:sub`.toLowerCase();
  const named = (readStatement(raw)?.conditions ?? [])
    .filter((condition) => condition.key.toLowerCase() === key)
    .flatMap(({ expected }) => expected.filter((other) => globMatches(subject, other)));
  return [subject, ...named];
}
