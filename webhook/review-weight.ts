import { MAX_VALUES } from '../lib/json-bounds.ts';

/** `{`, `[` and `,`: each begins a value. */
const OBJECT = 0x7b;
const ARRAY = 0x5b;
const NEXT = 0x2c;

/** Memory that a value takes once it is parsed: 13 bytes in an ordinary pod, 70 at worst. */
const BYTES_PER_VALUE = 70;

/**
 * Estimates the memory, in bytes, that a review takes until it is answered: its text and the parsed objects. Few bytes
 * of JSON can become large objects: `{},` takes 70 bytes. Brackets and commas inside strings count too, so the
 * estimate may be too high. `json-bounds.ts` refuses texts with too many values.
 */
export function reviewWeight(json: Uint8Array): number {
  let values = 1;
  for (let at = 0; at < json.length && values < MAX_VALUES; at += 1) {
    const byte = json[at];
    if (byte === NEXT || byte === OBJECT || byte === ARRAY) values += 1;
  }
  return json.length + values * BYTES_PER_VALUE;
}
