/**
 * Compares strings by code units, for `sort`. Unlike the order of a locale, this order is always the same.
 */
export function compareText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
