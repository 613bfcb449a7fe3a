/** Writes a place in a document as kubectl does: `spec.containers[0].env`. */
export function writePlace(path: readonly (string | number)[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}
