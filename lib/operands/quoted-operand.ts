/** Most characters of an operand that an error repeats. */
const SHOWN = 100;

/** Returns an operand as an error repeats it: its beginning, and quoted if it holds odd characters. */
export function quotedOperand(text: string): string {
  const shown = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  return /^[\w./:-]+$/.test(shown) ? shown : JSON.stringify(shown);
}
