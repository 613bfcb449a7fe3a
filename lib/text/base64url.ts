/**
 * True for base64url without padding in its one canonical form: no other characters, and the bits that the last character has beyond
 * the bytes are zero. Decoders pass over both, so that several texts would be the same bytes. RFC 4648, sections 3.5 and 5
 */
export function isBase64Url(text: unknown): text is string {
  return typeof text === 'string' && Buffer.from(text, 'base64url').toString('base64url') === text;
}
