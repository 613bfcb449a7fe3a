const HEX = /^[\da-f]{2}$/i;

/**
 * Decodes a string that was percent-encoded any number of times: `%252541` becomes `A`. Returns one character
 * per byte, and keeps everything that is not an encoding. It works in one pass: with repeated passes, each
 * pass over `%25252525...` would undo only one step.
 */
export function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  const out: string[] = [];
  for (let at = 0; at < text.length; at += 1) {
    out.push(text.charAt(at));
    // A decoded character may itself be part of an encoding.
    for (let end = out.length; out[end - 3] === '%'; end = out.length) {
      const digits = `${out[end - 2]}${out[end - 1]}`;
      if (!HEX.test(digits)) break;
      out.length = end - 3;
      out.push(String.fromCharCode(Number.parseInt(digits, 16)));
    }
  }
  return out.join('');
}
