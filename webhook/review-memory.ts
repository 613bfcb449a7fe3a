import { type JsonMeasure, MAX_PARSED_BYTES } from '../lib/json/json-bounds.ts';

/**
 * Estimates the memory, in bytes, that a review takes until it is answered: the buffer of its text, which may
 * be larger than the text, and the objects that are parsed from it. `whyTooLarge` refuses texts that would
 * take more than the most that is counted here.
 */
export function reviewMemoryBytes(json: Uint8Array, { parsedBytes }: JsonMeasure): number {
  return json.buffer.byteLength + Math.min(parsedBytes, MAX_PARSED_BYTES);
}
