/**
 * Returns true for base64url without padding in its canonical form: it has no other characters, and the
 * unused bits of the last character are zero. Decoders ignore both, so several strings would decode to the
 * same bytes. RFC 4648, sections 3.5 and 5
 */
export function isBase64Url(text: unknown): text is string {
  return typeof text === 'string' && Buffer.from(text, 'base64url').toString('base64url') === text;
}
