import { isDeepStrictEqual } from 'node:util';
import { asObject, asText } from '../lib/json.ts';

/** How one list becomes another: items of the first kept (and perhaps changed within) or removed, items of the second inserted. */
export type Alignment =
  | { readonly kind: 'keep'; readonly at: number; readonly to: number }
  | { readonly kind: 'remove'; readonly at: number }
  | { readonly kind: 'insert'; readonly to: number };

/**
 * The steps from one list to the other in order, as few removals and insertions as possible: a longest common subsequence.
 * Items count as the same where they are equal or have the same `name`, the key of containers, variables, mounts and volumes. Items
 * without a name (those of a List) correspond by their places.
 */
export function align(before: readonly unknown[], after: readonly unknown[]): Alignment[] {
  if (before.length === after.length && before.every((item, at) => corresponds(item, after[at]))) {
    return before.map((_, at) => ({ kind: 'keep', at, to: at }));
  }
  const common = commonLengths(before, after);
  const lengthAt = (at: number, to: number) => common[at]?.[to] ?? 0;
  const steps: Alignment[] = [];
  let at = 0;
  let to = 0;
  while (at < before.length || to < after.length) {
    if (at < before.length && to < after.length && isSame(before[at], after[to])) {
      steps.push({ kind: 'keep', at: at++, to: to++ });
    } else if (to < after.length && (at === before.length || lengthAt(at, to + 1) >= lengthAt(at + 1, to))) {
      steps.push({ kind: 'insert', to: to++ });
    } else {
      steps.push({ kind: 'remove', at: at++ });
    }
  }
  return steps;
}

/** Length of the longest common subsequence of what follows each pair of places. */
function commonLengths(before: readonly unknown[], after: readonly unknown[]): number[][] {
  const lengths = Array.from({ length: before.length + 1 }, () =>
    new Array<number>(after.length + 1).fill(0),
  );
  for (let at = before.length - 1; at >= 0; at--) {
    for (let to = after.length - 1; to >= 0; to--) {
      const row = lengths[at] ?? [];
      const below = lengths[at + 1] ?? [];
      row[to] = isSame(before[at], after[to])
        ? 1 + (below[to + 1] ?? 0)
        : Math.max(below[to] ?? 0, row[to + 1] ?? 0);
    }
  }
  return lengths;
}

function corresponds(one: unknown, other: unknown): boolean {
  const isNameless = (item: unknown) => asText(asObject(item)?.['name']) === undefined;
  return isSame(one, other) || (isNameless(one) && isNameless(other));
}

function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  const name = asText(asObject(one)?.['name']);
  return name === undefined ? isDeepStrictEqual(one, other) : name === asText(asObject(other)?.['name']);
}
