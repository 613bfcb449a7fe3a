/**
 * Most values of a JSON text, and their deepest nesting. Three bytes such as `{},` take some 70 bytes of the heap once
 * parsed, so 200,000 values take at most 14 MB. An ordinary pod has some hundred values, nested ten deep.
 */
export const MAX_VALUES = 200_000;
const MAX_DEPTH = 200;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Returns why a JSON text must not be parsed, because it would take too much memory; undefined if it may be.
 * Does not check that the text is JSON.
 */
export function jsonExcess(text: Uint8Array): string | undefined {
  let values = 1;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at];
    if (byte === QUOTE) at = endOfString(text, at);
    else if (byte === COMMA) values += 1;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      values += 1;
      depth += 1;
      if (depth > MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH} levels`;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1;
    if (values > MAX_VALUES) return `has more than ${MAX_VALUES} values`;
  }
  return undefined;
}

/** Where the string that begins at a quote ends: its closing quote, or the end of the text. */
function endOfString(text: Uint8Array, start: number): number {
  let end = start + 1;
  while (end < text.length && text[end] !== QUOTE) end += text[end] === BACKSLASH ? 2 : 1;
  return end;
}
