import { subjectOf } from '../../../bind/trust/describe-subject.ts';
import { compareText } from '../../../lib/text/compare.ts';
import { globMatches } from '../../../lib/text/glob.ts';

interface Named {
  readonly namespace: string;
  readonly name: string;
}

/** Subjects of the ServiceAccounts of a cluster, found by name or by pattern. */
export interface SubjectIndex<Account extends Named> {
  readonly bySubject: ReadonlyMap<string, Account>;
  /** Returns the ServiceAccounts whose subject matches a pattern of StringLike. */
  readonly matching: (pattern: string) => readonly Account[];
}

/**
 * Indexes ServiceAccounts by their subject. A pattern is compared only with the subjects that begin as it
 * does before its first wildcard, and each pattern only once.
 */
export function indexSubjects<Account extends Named>(
  serviceAccounts: readonly Account[],
): SubjectIndex<Account> {
  const entries = serviceAccounts
    .map((account) => [subjectOf(account.namespace, account.name), account] as const)
    .sort(([one], [other]) => compareText(one, other));
  const subjects = entries.map(([subject]) => subject);
  const found = new Map<string, readonly Account[]>();
  const find = (pattern: string) => {
    const [head = ''] = pattern.split(/[*?]/, 1);
    const matches: Account[] = [];
    for (let at = firstNotBefore(subjects, head); at < entries.length; at += 1) {
      const [subject, account] = entries[at] ?? [];
      if (subject === undefined || account === undefined || !subject.startsWith(head)) break;
      if (globMatches(pattern, subject)) matches.push(account);
    }
    return matches;
  };
  return {
    bySubject: new Map(entries),
    matching: (pattern) => {
      const known = found.get(pattern) ?? find(pattern);
      found.set(pattern, known);
      return known;
    },
  };
}

/** Returns the position of the first string that is not before another one, by binary search. */
function firstNotBefore(sorted: readonly string[], text: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
