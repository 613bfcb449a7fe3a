/**
 * IAM's wildcards: `*` is any run of characters, `?` any one. In time that grows with the product of both lengths at most;
 * a regular expression made of the pattern could be made to take for ever.
 */
export function globMatches(pattern: string, text: string): boolean {
  let patternAt = 0;
  let textAt = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (textAt < text.length) {
    const wanted = pattern[patternAt];
    if (wanted === '*') {
      starAt = patternAt++;
      resumeAt = textAt;
    } else if (wanted !== undefined && (wanted === '?' || wanted === text[textAt])) {
      patternAt++;
      textAt++;
    } else if (starAt >= 0) {
      patternAt = starAt + 1;
      textAt = ++resumeAt;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(patternAt));
}
