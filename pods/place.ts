/**
 * The list with `wanted` in place of the items at `owned`, where the first of those stood, else at the end.
 * The same list where what is owned is already what is wanted, and then wherever its items stand.
 */
export function place<T>(
  list: readonly unknown[],
  owned: readonly number[],
  wanted: readonly T[],
  same: (present: unknown, wanted: T) => boolean,
): readonly unknown[] {
  if (owned.length === wanted.length && wanted.every((item, index) => same(list[owned[index] ?? -1], item))) {
    return list;
  }
  if (owned.length === 0) return [...list, ...wanted];
  const rest = without(list, owned);
  return [...rest.slice(0, owned[0]), ...wanted, ...rest.slice(owned[0])];
}

/** The items that do not stand at those places. */
export function without(list: readonly unknown[], places: readonly number[]): readonly unknown[] {
  if (places.length === 0) return list;
  const left = new Set(places);
  return list.filter((_, index) => !left.has(index));
}

/** The object with the list in that member; without the member where the list came to be empty. The same object where nothing changed. */
export function withList<T extends Readonly<Record<string, unknown>>>(
  object: T,
  member: string,
  before: readonly unknown[],
  after: readonly unknown[],
): T {
  if (before === after) return object;
  if (after.length > 0) return { ...object, [member]: after };
  const { [member]: _, ...rest } = object;
  return rest as T;
}
