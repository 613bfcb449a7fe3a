/**
 * Characters that a terminal does not print but obeys: control characters, line separators, and marks that
 * change the direction of text.
 */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Returns a string from somebody else as one line that is safe to print. Annotations, names and answers of
 * servers may contain escape sequences, or line breaks with which they look like lines of podrole. A line
 * break and the indent after it become a space, any other such character its escape: `\u001b`.
 */
export function printable(text: string): string {
  return text
    .replace(/[\r\n][\r\n\t ]*/g, ' ')
    .replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
