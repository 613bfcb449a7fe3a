/** Compares strings by code units for `sort`: the same order everywhere, unlike that of a locale. */
export function compareText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
