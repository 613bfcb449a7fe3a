/**
 * Matches IAM's wildcards: `*` is any run of characters, `?` any one character. The steps grow at most with
 * the product of both lengths, so callers bound them. A regular expression built from the pattern could take
 * exponential time.
 */
export function globMatches(pattern: string, text: string): boolean {
  return matches(pattern, text, '?');
}

/** Longest pattern and text of `segmentsMatch`: a namespace of 63 characters, a slash, a name of 253. */
export const SEGMENTS_MAX_LENGTH = 317;

/**
 * Matches a pattern in which `*` stands for any run of characters but `/`, and everything else for itself:
 * `shop/web-*`.
 * @returns false also for a pattern or text longer than SEGMENTS_MAX_LENGTH
 */
export function segmentsMatch(pattern: string, text: string): boolean {
  if (pattern.length > SEGMENTS_MAX_LENGTH || text.length > SEGMENTS_MAX_LENGTH) return false;
  const patterns = pattern.split('/');
  const texts = text.split('/');
  return (
    patterns.length === texts.length &&
    patterns.every((segment, at) => matches(segment, texts[at] ?? '', undefined))
  );
}

/** Backtracks only to the last `*`: an earlier one could match nothing more than the last one. */
function matches(pattern: string, text: string, anyOne: '?' | undefined): boolean {
  let patternAt = 0;
  let textAt = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (textAt < text.length) {
    const wanted = pattern[patternAt];
    if (wanted === '*') {
      starAt = patternAt++;
      resumeAt = textAt;
    } else if (wanted !== undefined && (wanted === anyOne || wanted === text[textAt])) {
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
