/**
 * Limits of a JSON document: memory that it may take once it is parsed, by the estimate of `measureJson`, and
 * depth of nesting. That is enough for 26,000 containers with only a name, or for 20,000 environment
 * variables. An ordinary pod has some hundred values, nested ten deep.
 */
export const MAX_PARSED_BYTES = 16 * 1024 * 1024;
const MAX_DEPTH = 200;

/**
 * Most memory that V8 takes for a value and its key, without strings. Measured
 * (`testing/cost/heap-of-json.ts`) on Node 24: 350 bytes for each object of a chain `{"34":{"34":...}}`,
 * since V8 reserves slots up to a key that is a small number; 30 bytes in an ordinary pod; 145 bytes for a
 * key that no other object has.
 */
const BYTES_PER_OBJECT = 400;
const BYTES_PER_VALUE = 150;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
/** First byte in UTF-8 of the characters from U+0100 on. */
const WIDE = 0xc4;
const LETTER_U = 0x75;

export interface JsonMeasure {
  /**
   * Most memory that the document takes once it is parsed: its characters, and an amount for each value. A
   * string with a character beyond U+00FF counts twice, since V8 then stores each of its characters in two
   * bytes.
   */
  readonly parsedBytes: number;
  readonly depth: number;
}

/** Measures a JSON document, and stops at the first excess of a limit. Does not check that it is JSON. */
export function measureJson(text: Uint8Array): JsonMeasure {
  let parsedBytes = text.length + BYTES_PER_VALUE;
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length && parsedBytes <= MAX_PARSED_BYTES && depth <= MAX_DEPTH; at += 1) {
    const byte = text[at];
    if (byte === QUOTE) {
      const { end, isWide } = stringAt(text, at);
      if (isWide) parsedBytes += end - at;
      at = end;
    } else if (byte === COMMA) parsedBytes += BYTES_PER_VALUE;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      parsedBytes += byte === OPEN_OBJECT ? BYTES_PER_OBJECT : BYTES_PER_VALUE;
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1;
  }
  return { parsedBytes, depth: deepest };
}

/** Returns why a JSON document must not be parsed: it would take too much memory. Undefined if it may be. */
export function whyTooLarge({ parsedBytes, depth }: JsonMeasure): string | undefined {
  if (depth > MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH} levels`;
  if (parsedBytes > MAX_PARSED_BYTES) return `may take more than ${MAX_PARSED_BYTES} bytes of memory`;
  return undefined;
}

/**
 * Reads the string that begins at a quote: offset of its closing quote, or the end, and whether it has wide
 * characters.
 */
function stringAt(text: Uint8Array, start: number): { readonly end: number; readonly isWide: boolean } {
  let isWide = false;
  let end = start + 1;
  for (; end < text.length && text[end] !== QUOTE; end += 1) {
    const byte = text[end] ?? 0;
    if (byte >= WIDE) isWide = true;
    else if (byte === BACKSLASH) {
      end += 1;
      isWide ||= text[end] === LETTER_U;
    }
  }
  return { end, isWide };
}
