/**
 * Matches a string against a pattern with IAM's wildcards: `*` stands for any number of characters, `?` for
 * one. The number of steps grows at most with the product of both lengths, so callers limit the lengths. A
 * regular expression made from the pattern could take exponential time.
 */
export function globMatches(pattern: string, text: string): boolean {
  // Goes back only to the last *: trying an earlier one again could not match more.
  let patternAt = 0;
  let textAt = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (textAt < text.length) {
    const wanted = pattern[patternAt];
    if (wanted === '*') {
      starAt = patternAt++;
      resumeAt = textAt;
    } else if (wanted === '?' || (wanted !== undefined && wanted === text[textAt])) {
      patternAt++;
      textAt++;
    } else if (starAt >= 0) {
      patternAt = starAt + 1;
      textAt = ++resumeAt;
    } else {
      return false;
    }
  }
  while (pattern[patternAt] === '*') patternAt++;
  return patternAt === pattern.length;
}

/**
 * Matches a string against a pattern in which only `*` is special: it stands for any number of characters.
 * The strings between the stars are searched natively, one after the other: tenants write such patterns.
 */
export function starMatches(pattern: string, text: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === text;
  const first = pattern.slice(0, star);
  if (!text.startsWith(first)) return false;
  const others = pattern.slice(star + 1).split('*');
  const last = others.pop() ?? '';
  const end = text.length - last.length;
  if (!text.endsWith(last)) return false;
  let at = first.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= end;
}

/** Longest pattern and string of `segmentsMatch`: a namespace of 63 characters, a slash, a name of 253. */
export const SEGMENTS_MAX_LENGTH = 317;

/**
 * Matches a string against a pattern such as `shop/web-*`. In it, `*` stands for any number of characters
 * other than `/`, and every other character stands for itself.
 * @returns false also for a pattern or string longer than SEGMENTS_MAX_LENGTH
 */
export function segmentsMatch(pattern: string, text: string): boolean {
  if (pattern.length > SEGMENTS_MAX_LENGTH || text.length > SEGMENTS_MAX_LENGTH) return false;
  const patterns = pattern.split('/');
  const texts = text.split('/');
  return (
    patterns.length === texts.length && patterns.every((segment, at) => starMatches(segment, texts[at] ?? ''))
  );
}
