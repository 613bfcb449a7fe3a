/**
 * Returns the list with `wanted` in place of the items at the indices `owned`, at the first of these, else at
 * the end. Returns the same list if the owned items already are the wanted ones, wherever they are.
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

/** Returns the items that are not at these indices. */
export function without(list: readonly unknown[], places: readonly number[]): readonly unknown[] {
  if (places.length === 0) return list;
  const left = new Set(places);
  return list.filter((_, index) => !left.has(index));
}

/**
 * Returns the object with this list as its member, or without the member if the list became empty. The same
 * object if nothing changed.
 */
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
