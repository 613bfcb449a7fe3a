/**
 * Returns a name of letters, digits and underscores that does not begin with a digit: it is valid in every
 * version.
 */
export function identifierOf(id: string): string {
  return id.replace(/\W+/g, '_').replace(/^(?=\d)/, '_');
}
