/** The string without the given character at its end. A regular expression for this takes quadratic time when a long run of the character is not at the end. */
export function withoutTrailing(text: string, character: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === character) end -= 1;
  return text.slice(0, end);
}
