const COMPARABLE = /^[1-9]\d*$/;

/**
 * Returns true if one resourceVersion is later than another of the same kind of object. Kubernetes defines
 * them as decimal numbers of any length that may be compared ("API concepts", resource versions; KEP-5504).
 * Anything else has no order: neither of two such versions is later.
 */
export function isLater(one: string, other: string): boolean {
  if (!COMPARABLE.test(one) || !COMPARABLE.test(other)) return false;
  return one.length === other.length ? one > other : one.length > other.length;
}
