/** `{`, `[` and `,`: each begins a value. */
const OBJECT = 0x7b;
const ARRAY = 0x5b;
const NEXT = 0x2c;

/**
 * Most values of a review. JSON of few bytes can become objects of many: 7 MiB of `{},{},…` take 220 MiB once they are parsed. A pod of
 * 3 MiB, twice what etcd stores, has 220,000 values; 400,000 of the worst kind (an object with a key of its own each) take 35 MiB.
 */
export const REVIEW_MAX_VALUES = 400_000;
/** Memory that a value takes once it is parsed: 13 bytes in an ordinary pod, 87 at worst. */
const BYTES_PER_VALUE = 32;

/**
 * How many values a JSON text has at most, without parsing it; those in strings count too.
 * @returns more than REVIEW_MAX_VALUES where there are more: it stops to count then
 */
export function countValues(json: Buffer): number {
  let count = 0;
  for (let at = 0; at < json.length && count <= REVIEW_MAX_VALUES; at += 1) {
    const byte = json[at];
    if (byte === NEXT || byte === OBJECT || byte === ARRAY) count += 1;
  }
  return count;
}

/** About how much memory a review takes until it is answered: its text, and what is parsed of it. */
export function reviewWeight(json: Buffer, values: number): number {
  return json.length + values * BYTES_PER_VALUE;
}
