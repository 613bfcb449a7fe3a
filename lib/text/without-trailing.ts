/**
 * Removes every occurrence of a character at the end of a string. A regular expression would take quadratic
 * time if a long run of the character is elsewhere in the string.
 */
export function withoutTrailing(text: string, character: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === character) end -= 1;
  return text.slice(0, end);
}
