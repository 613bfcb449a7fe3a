import { MAX_PARSED_BYTES, measureJson } from '../lib/json/json-bounds.ts';

/**
 * Estimates the memory, in bytes, that a review takes until it is answered: the buffer of its text, which may be larger than the text,
 * and what is parsed of it. `json-bounds.ts` refuses texts that would take more than the most that is counted here.
 */
export function reviewWeight(json: Uint8Array): number {
  return json.buffer.byteLength + Math.min(measureJson(json).parsedBytes, MAX_PARSED_BYTES);
}
