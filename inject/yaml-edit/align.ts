import { isDeepStrictEqual } from 'node:util';
import { diffArrays } from 'diff';
import { asObject, asText } from '../../lib/json/json.ts';

/**
 * A step from one list to another: an item of the first is kept (and may change within) or removed, or one of
 * the second is inserted.
 */
export type Alignment =
  | { readonly kind: 'keep'; readonly at: number; readonly to: number }
  | { readonly kind: 'remove'; readonly at: number }
  | { readonly kind: 'insert'; readonly to: number };

/**
 * Returns the steps from one list to the other in order, with as few removals and insertions as possible. The
 * work grows with the length of the lists times the number of differences (Myers), and the editor's callers
 * make few. Items count as the same if they are equal or have the same `name`, the key of containers,
 * variables, mounts and volumes. Items without a name (those of a List) correspond by their places.
 */
export function align(before: readonly unknown[], after: readonly unknown[]): Alignment[] {
  if (before.length === after.length && before.every((item, at) => corresponds(item, after[at]))) {
    return before.map((_, at) => ({ kind: 'keep', at, to: at }));
  }
  const steps: Alignment[] = [];
  let at = 0;
  let to = 0;
  for (const { count, added, removed } of diffArrays([...before], [...after], { comparator: isSame })) {
    for (let item = 0; item < count; item++) {
      if (added) steps.push({ kind: 'insert', to: to++ });
      else if (removed) steps.push({ kind: 'remove', at: at++ });
      else steps.push({ kind: 'keep', at: at++, to: to++ });
    }
  }
  return steps;
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
