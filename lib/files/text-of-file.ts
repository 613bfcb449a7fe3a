/** Thrown for bytes that are not UTF-8. */
export class EncodingError extends Error {
  override readonly name = 'EncodingError';
  /** For a Fault. */
  readonly remedy = 'save it as UTF-8';
}

/**
 * Byte order marks of other encodings, which editors on Windows write. The one of UTF-32 begins with the one
 * of UTF-16. Unicode, section 23.8
 */
const OTHER_MARKS = [
  { encoding: 'UTF-32', bytes: [0xff, 0xfe, 0, 0] },
  { encoding: 'UTF-32', bytes: [0, 0, 0xfe, 0xff] },
  { encoding: 'UTF-16', bytes: [0xff, 0xfe] },
  { encoding: 'UTF-16', bytes: [0xfe, 0xff] },
] as const;

/**
 * Decodes a file that a person gives: UTF-8, with or without a byte order mark, and without NUL.
 * @param byteOrderMark `keep` for a file that is written back
 * @throws EncodingError
 */
export function textOfFile(bytes: Uint8Array, byteOrderMark: 'drop' | 'keep' = 'drop'): string {
  const other = OTHER_MARKS.find((mark) => mark.bytes.every((byte, at) => bytes[at] === byte));
  if (other) throw new EncodingError(`is ${other.encoding}, not UTF-8`);
  // UTF-16 without a mark has a NUL in every second byte.
  if (bytes.includes(0)) throw new EncodingError('contains a NUL byte, so it is not UTF-8');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: byteOrderMark === 'keep' }).decode(bytes);
  } catch {
    throw new EncodingError('is not UTF-8');
  }
}
