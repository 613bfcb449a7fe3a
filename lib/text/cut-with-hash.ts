import { createHash } from 'node:crypto';

const HASH_LENGTH = 8;

/**
 * Cuts a string that is too long and appends a hyphen and the first eight hexadecimal digits of its SHA-256,
 * so that different strings stay different.
 */
export function cutWithHash(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH);
  return `${text.slice(0, maxLength - HASH_LENGTH - 1)}-${hash}`;
}
