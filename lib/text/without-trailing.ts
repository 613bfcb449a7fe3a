/**
 * Removes the given character from the end. A regular expression would take quadratic time if a long run of
 * it is elsewhere.
 */
export function withoutTrailing(text: string, character: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === character) end -= 1;
  return text.slice(0, end);
}
