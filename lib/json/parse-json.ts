import { placesIn } from '../text/place-in-text.ts';
import { findJsonFault } from './json-fault.ts';

/** Thrown for text that is not JSON. The message continues a sentence about it: `is not JSON: …`. */
class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

/**
 * Parses JSON. The message of the error gives line and column, and repeats nothing of the text: V8's own
 * message quotes it, which may be a secret, and usually says no place.
 * @throws JsonSyntaxError
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const { offset, expected } = findJsonFault(text);
    const { line, column } = placesIn(text)(offset);
    throw new JsonSyntaxError(
      offset >= text.length
        ? `is not JSON: it ends in line ${line}, and ${expected} is missing`
        : `is not JSON: line ${line}, column ${column} must have ${expected}`,
    );
  }
}
