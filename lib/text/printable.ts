/**
 * Characters that a terminal does not print but obeys, and those that nobody sees: control characters, line
 * separators, marks that change the direction of text, and zero-width and no-break spaces, with which two
 * different values look the same.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u00a0]/gu;

/**
 * Returns a string from somebody else as one line that is safe to print. Annotations, names and answers of
 * servers may contain escape sequences, or line breaks with which they look like lines of podrole. A line
 * break and the indent after it become a space, any other such character its escape: `\u001b`.
 */
export function printable(text: string): string {
  return text.replace(/[\r\n][\r\n\t ]*/g, ' ').replace(UNPRINTABLE, escapeOf);
}

function escapeOf(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
}
